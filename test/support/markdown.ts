import { readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

export interface Fence {
  language: string;
  text: string;
}

/** The fenced blocks of the section under the heading (`## …`) that matches. @throws when there is no such section */
export function fencesOfSection(file: string, heading: RegExp): Fence[] {
  const sections = readFileSync(path.join(root, file), 'utf8').split(/^## /m);
  const section = sections.find((text) => heading.test(text.split('\n', 1)[0]!));
  if (section === undefined) throw new Error(`${file} has no section ${heading}`);
  return [...section.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language, text]) => ({
    language: language!,
    text: text!,
  }));
}

/** What stands in a printed answer for what differs from run to run: an id, a time, a version, a count. */
const ANY = '…';

/** Whether JSON is what was printed; the text "…" stands for any number or non-empty text, and nothing else. */
export function matchesJson(printed: unknown, answer: unknown): boolean {
  if (printed === ANY) return typeof answer === 'number' || (typeof answer === 'string' && answer !== '');
  if (typeof printed !== 'object' || typeof answer !== 'object' || printed === null || answer === null)
    return printed === answer;
  if (Array.isArray(printed) !== Array.isArray(answer)) return false;
  const names = Object.keys(printed);
  return (
    names.length === Object.keys(answer).length &&
    names.every(
      (name) => Object.hasOwn(answer, name) && matchesJson(printed[name as never], answer[name as never]),
    )
  );
}

/** Whether text is what was printed; "…" stands for one or more characters without quotes within a line. */
export function matchesText(printed: string, answer: string): boolean {
  const pattern = printed
    .split(ANY)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^"\\n]+');
  return new RegExp(`^${pattern}$`).test(answer);
}
