import {
  GraphQLError,
  specifiedRules,
  type ASTVisitor,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { withinLimits } from './query-limits.ts';

/** graphql-js leaves it to the execution, which would fail like a defect. */
const operationTypeExists: ValidationRule = (context: ValidationContext): ASTVisitor => ({
  OperationDefinition(node) {
    if (!context.getSchema().getRootType(node.operation))
      context.reportError(new GraphQLError(`The schema has no ${node.operation}s.`, { nodes: node }));
  },
});

/** The rules of a document beyond those of GraphQL itself. */
export const ownRules: readonly ValidationRule[] = [withinLimits, operationTypeExists];

export const allRules: readonly ValidationRule[] = [...specifiedRules, ...ownRules];
