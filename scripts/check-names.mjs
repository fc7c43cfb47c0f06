// Finds words of a private language in exported names and in the first words of doc comments (CONTRIBUTING.md, "Names").
// Exceptions, each with its reason, are in name-exceptions.json beside this file.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const exceptions = JSON.parse(readFileSync(path.join(import.meta.dirname, 'name-exceptions.json'), 'utf8'));

/** Verbs that hide which of several things happens, in all their forms. */
const VERBS =
  /^(take[nrs]?|tells?|tellers?|told|look(s|ed)?|settle[ds]?|forgets?|forgot(ten)?|keep(s|er)?|kept|owe[ds]?|pays?|brings?|brought|note[ds]?|judge[ds]?|ask(s|ed)?|sift(s|ed)?)$/i;
/** No subject of a sentence that a newcomer reads first. */
const SUBJECTS = /^(what|who|whoever|whatever)$/i;
const EXPORT =
  /^export (?:default )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|enum) (\w+)/gm;
const DOC_COMMENT = /\/\*\*\s*(?:\n\s*\*\s*)?(\w+)/g;

const files = execFileSync('git', ['ls-files', 'src/*.ts', 'connectors/*.ts', 'client/*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => !file.includes('/gql/'));

const problems = [];
const unused = new Set(Object.keys(exceptions));
for (const file of files) {
  const text = readFileSync(path.join(root, file), 'utf8');
  const line = (index) => text.slice(0, index).split('\n').length;
  for (const { 1: name, index } of text.matchAll(EXPORT)) {
    const word = name.match(/[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])/g)?.find((part) => VERBS.test(part));
    if (word === undefined) continue;
    if (name in exceptions) unused.delete(name);
    else
      problems.push(`${file}:${line(index)} ${name}: "${word}" does not say which of several things happens`);
  }
  for (const { 1: word, index } of text.matchAll(DOC_COMMENT))
    if (VERBS.test(word) || SUBJECTS.test(word))
      problems.push(`${file}:${line(index)} a doc comment begins with "${word}"`);
}
for (const name of unused) problems.push(`scripts/name-exceptions.json: ${name} is not needed`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
