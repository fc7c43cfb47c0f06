import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';

/** The tracer of the hub. Without an SDK, which `startTracing` loads, its spans are empty. */
const tracer = trace.getTracer('orderweave');
let isOn = false;

/** Whether spans are recorded: asked first where even an empty span would cost. */
export function isTracing(): boolean {
  return isOn;
}

/** Sets whether spans are recorded. */
export function setTracing(on: boolean): void {
  isOn = on;
}

/** Whether something that is recorded is under way here. */
export function hasActiveSpan(): boolean {
  return isOn && trace.getActiveSpan() !== undefined;
}

/** The context of this call, for work that others carry out later; undefined while nothing is recorded. */
export function activeContext(): Context | undefined {
  return isOn ? context.active() : undefined;
}

/** Runs `work` in a context that was remembered by `activeContext`. */
export function inContext<T>(remembered: Context | undefined, work: () => T): T {
  return remembered ? context.with(remembered, work) : work();
}

/** Runs a request of a client in a span of its own, whose parent the headers may name; whoever knows the end ends it. */
export function runInServerSpan<T>(headers: Record<string, unknown>, work: (span: Span) => T): T {
  const parent = propagation.extract(ROOT_CONTEXT, headers);
  const span = tracer.startSpan('graphql', { kind: SpanKind.SERVER }, parent);
  return context.with(trace.setSpan(parent, span), () => work(span));
}

/** Names and ends the span that is active here; an error code marks it as failed. */
export function endActiveSpan(name: string, attributes: Attributes, code: string | undefined): void {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return;
  span.updateName(name);
  span.setAttributes(attributes);
  endSpan(span, code);
}

/** Ends a span that may have ended; an error code marks it as failed. */
export function endSpan(span: Span, code?: string): void {
  if (!span.isRecording()) return;
  if (code !== undefined) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    span.setAttribute('error.type', code);
  }
  span.end();
}

/** Records `work` as a span beneath what is under way. */
export function inSpan<T>(
  name: string,
  { kind = SpanKind.INTERNAL, attributes = {} }: { kind?: SpanKind; attributes?: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  return isOn ? recorded(name, { kind, attributes }, work) : work();
}

async function recorded<T>(
  name: string,
  options: { kind: SpanKind; attributes: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.startSpan(name, options);
  try {
    return await context.with(trace.setSpan(context.active(), span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
    throw error;
  } finally {
    span.end();
  }
}

/** Records a statement that has been sent, until it is answered: its name, or its first words, and never its values. */
export function recordStatement(name: string, answered: Promise<unknown>): void {
  const span = tracer.startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes: { 'db.system.name': 'postgresql', 'db.query.summary': name },
  });
  answered.then(
    () => endSpan(span),
    (error: unknown) => endSpan(span, String((error as { code?: unknown }).code ?? 'error')),
  );
}
