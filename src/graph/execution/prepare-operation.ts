import {
  GraphQLError,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import type { SubscribeMessage } from 'graphql-ws';
import type { Actor } from '../../platform/api/actor.ts';
import { HubError } from '../../platform/errors.ts';
import type { AdmittedDocument, ValidatedDocumentCache } from './validated-document-cache.ts';
import { limits, withinLimits } from '../policy/query-limits.ts';
import type { ServerOptions } from '../server-options.ts';
import { unstorableLiteral, unstorableVariable } from '../policy/storable-text.ts';

/**
 * The execution of one operation that came over a socket or an event stream, or the errors that refuse it; as strict as
 * Apollo Server is over HTTP.
 */
export function prepareOperation(
  parts: ServerOptions,
  documents: ValidatedDocumentCache,
  actor: Actor,
  payload: SubscribeMessage['payload'],
) {
  const admitted = documents.get(payload.query) ?? admit(parts.schema, documents, payload.query);
  if (Array.isArray(admitted)) return admitted;
  if (!admitted.operation(payload.operationName))
    return [
      refusal(
        'OPERATION_RESOLUTION_FAILURE',
        'Name the operation to execute: the document has none of that name.',
      ),
    ];
  const unstorable = unstorableVariable(payload.variables);
  if (unstorable) return [new HubError('BAD_USER_INPUT', unstorable)];
  return {
    schema: parts.schema,
    document: admitted.document,
    operationName: payload.operationName,
    variableValues: payload.variables,
    contextValue: parts.contextOf(actor),
  } satisfies ExecutionArgs;
}

/** Validates a document that is not known yet. */
function admit(
  schema: GraphQLSchema,
  documents: ValidatedDocumentCache,
  source: string,
): AdmittedDocument | GraphQLError[] {
  const document = parsed(source);
  if (document instanceof GraphQLError) return [document];
  const errors = validate(schema, document, [...specifiedRules, withinLimits]);
  if (errors.length > 0) return [...errors];
  const unstorable = unstorableLiteral(document);
  if (unstorable) return [new HubError('BAD_USER_INPUT', unstorable)];
  return documents.add(source, document);
}

function parsed(query: string): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: limits.tokens });
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    return refusal('GRAPHQL_PARSE_FAILED', 'The document cannot be read.', error as Error);
  }
}

/** With a code that Apollo Server gives over HTTP. */
function refusal(code: string, message: string, originalError?: Error): GraphQLError {
  return new GraphQLError(message, { extensions: { code }, originalError });
}
