import { setTracing } from './tracer.ts';

const SWITCHES = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
] as const;

/** How traces are exported, by the standard variables of OpenTelemetry. */
type Exporter = 'otlp' | 'console' | 'none';

/** @throws Error for an exporter that the hub does not have */
function exporterOf(environment: NodeJS.ProcessEnv): Exporter {
  if (environment.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return 'none';
  if (!SWITCHES.some((name) => environment[name])) return 'none';
  const named = environment.OTEL_TRACES_EXPORTER?.trim() || 'otlp';
  if (named === 'otlp' || named === 'console' || named === 'none') return named;
  throw new Error(`OTEL_TRACES_EXPORTER must be otlp, console or none, is ${named}.`);
}

/**
 * Records traces, if a variable of OpenTelemetry asks for it. The SDK is loaded only then.
 * @returns what sends the spans that wait and ends the recording
 * @throws Error for an exporter that the hub does not have
 */
export async function startTracing(environment: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const exporter = exporterOf(environment);
  if (exporter === 'none') return async () => undefined;
  const [{ BatchSpanProcessor, ConsoleSpanExporter, NodeTracerProvider }, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const named = resources
    .defaultResource()
    .merge(
      resources.resourceFromAttributes({ 'service.name': environment.OTEL_SERVICE_NAME || 'orderweave' }),
    );
  const provider = new NodeTracerProvider({
    resource: named.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [
      new BatchSpanProcessor(exporter === 'console' ? new ConsoleSpanExporter() : new OTLPTraceExporter()),
    ],
  });
  provider.register();
  setTracing(true);
  return async () => {
    setTracing(false);
    await provider.shutdown().catch(() => undefined); // a collector that is away loses traces, never the stop
  };
}
