import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { getOperationAST, OperationTypeNode, parse, type DocumentNode } from 'graphql';

const folder = path.resolve(import.meta.dirname, '../../../schema/operations');

export interface CommittedOperation {
  name: string;
  kind: OperationTypeNode;
  document: DocumentNode;
  /** Its example variables: JSON, with `{names}` of things to fill in. */
  example: string;
}

/** The operations of schema/operations, for every audience. */
export function committedOperations(): CommittedOperation[] {
  return globSync('**/*.graphql', { cwd: folder })
    .sort()
    .map((file) => {
      const source = readFileSync(path.join(folder, file), 'utf8');
      const document = parse(source);
      return {
        name: path.basename(file, '.graphql'),
        kind: getOperationAST(document)!.operation,
        document,
        example: /^# variables: (.*)$/m.exec(source)?.[1] ?? '{}',
      };
    });
}
