import { HeaderMap, type ApolloServerPlugin, type GraphQLResponse } from '@apollo/server';
import { OperationTypeNode, type ExecutionResult } from 'graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import { HubError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/process/log.ts';
import type { ValidatedDocumentCache } from '../execution/validated-document-cache.ts';
import { isCostRequested, type Charge, type CostPolicy } from '../policy/cost/cost-policy.ts';
import { unstorableLiteral, unstorableVariable } from '../policy/storable-text.ts';
import { UNKNOWN_OPERATION, firstCode, type OperationObserver } from '../observe/operation-observer.ts';
import { TRACE_HEADER, presentedErrors, statusOf } from './fast-path.ts';

/** Collaborators of the plugin, from the server that it is part of. */
export interface CostPluginDeps {
  /** Is told what passes, so that the next request of the same document need not be judged again. */
  documents: ValidatedDocumentCache;
  policy: CostPolicy;
  /** Whether the client of a request has left. */
  isGone: (context: RequestContext) => boolean;
  observer: OperationObserver;
  log: Logger;
}

/**
 * Charges the requests that the fast path has not served: admits its document, charges its operation, and has it
 * executed by the executor of the lean path, so that it is counted and ended by the same rules.
 */
export function costPlugin({
  documents,
  policy,
  isGone,
  observer,
  log,
}: CostPluginDeps): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      let charge: Charge | undefined;
      const began = performance.now();
      return {
        async didResolveOperation({ document, source, request, operation, contextValue }) {
          const literal = unstorableLiteral(document);
          const admitted = literal === undefined ? documents.add(source, document) : undefined;
          const unstorable = literal ?? unstorableVariable(request.variables);
          if (unstorable) throw new HubError('BAD_USER_INPUT', unstorable, { http: { status: 400 } });
          if (!operation) return; // Apollo Server says so
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw notOverHttp();
          const cost = admitted!.operation(request.operationName)!.cost(request.variables ?? {});
          charge = policy.charge(contextValue.actor, cost);
        },
        async responseForOperation({
          document,
          source,
          request,
          contextValue,
        }): Promise<GraphQLResponse | null> {
          // A trace is written by what Apollo Server wraps around the execution of graphql-js.
          if (request.http?.headers.has(TRACE_HEADER)) return null;
          const operation = documents.add(source, document).operation(request.operationName);
          const compiled = operation?.compiled();
          const result = await policy.inTurn(contextValue.actor, charge?.cost ?? 0, () => {
            const guard = policy.guard(() => isGone(contextValue));
            return compiled?.(request.variables ?? {}, contextValue, undefined, guard);
          });
          if (!result) return null; // it says what is wrong with the variables
          const extensions = isCostRequested(request.extensions) ? { cost: charge } : undefined;
          return responseOf(extensions ? { ...result, extensions } : result, log, contextValue.requestId);
        },
        async willSendResponse({ response: { body }, operation, contextValue }) {
          const code = body.kind === 'single' ? firstCode(body.singleResult.errors) : undefined;
          const observed = operation
            ? { type: operation.operation, name: operation.name?.value }
            : UNKNOWN_OPERATION;
          const { actor, requestId = '' } = contextValue;
          observer.ended(observed, began, charge?.cost, actor, requestId, code);
        },
      };
    },
  };
}

function responseOf(result: ExecutionResult, log: Logger, requestId: string | undefined): GraphQLResponse {
  const status = statusOf(result);
  return {
    http: { status: status === 200 ? undefined : status, headers: new HeaderMap() },
    body: {
      kind: 'single',
      singleResult: { ...result, errors: presentedErrors(result.errors, log, requestId) },
    },
  };
}

function notOverHttp(): HubError {
  return new HubError(
    'BAD_USER_INPUT',
    'Subscriptions run over WebSocket at /graphql (graphql-transport-ws) or over server-sent events at /graphql/stream, not over POST.',
    { http: { status: 400 } },
  );
}
