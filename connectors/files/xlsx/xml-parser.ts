import { SaxesParser } from 'saxes';
import { UnreadableFile } from '../table.ts';
import { MAX_DEPTH, MAX_MARKUP_CHARS, overLimit } from './limits.ts';

/** Callbacks for each piece of a document. Names come without their namespace prefix: `x:row` is `row`. */
export interface XmlHandlers {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
}

/**
 * Parses an XML part piece by piece. What lies between two tags, and how deep elements stand, is bounded, so that no
 * document makes the parser gather more than that.
 */
export class XmlParser {
  readonly #part: string;
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  #depth = 0;
  /** Characters since the last tag began or ended. */
  #gathered = 0;

  /** @param part its name, for messages */
  constructor(part: string, handlers: XmlHandlers) {
    this.#part = part;
    this.#parser.on('opentag', (tag) => {
      this.#gathered = 0;
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw overLimit(`elements more than ${MAX_DEPTH} deep in ${part}`);
      handlers.open(localName(tag.name), tag.attributes);
    });
    this.#parser.on('closetag', (tag) => {
      this.#gathered = 0;
      this.#depth -= 1;
      handlers.close(localName(tag.name));
    });
    this.#parser.on('text', (text) => handlers.text(text));
    this.#parser.on('cdata', (text) => handlers.text(text));
    this.#parser.on('doctype', () => {
      throw new UnreadableFile(`has a document type in ${part}, which no workbook has; save it again`);
    });
    this.#parser.on('error', (error) => {
      throw malformed(part, error);
    });
  }

  /** @throws UnreadableFile when the document is not well-formed, or passes a ceiling */
  write(text: string): void {
    for (let start = 0; start < text.length; start += MAX_MARKUP_CHARS) {
      const piece = text.slice(start, start + MAX_MARKUP_CHARS);
      this.#gathered += piece.length;
      this.#parser.write(piece);
      if (this.#gathered > MAX_MARKUP_CHARS) {
        throw overLimit(`more than ${MAX_MARKUP_CHARS} characters between two tags in ${this.#part}`);
      }
    }
  }

  /** @throws UnreadableFile when the document is not at its end */
  end(): void {
    this.#parser.close();
  }
}

/** Parses a whole part. */
export async function parseXml(
  part: string,
  texts: AsyncIterable<string>,
  handlers: XmlHandlers,
): Promise<void> {
  const parser = new XmlParser(part, handlers);
  for await (const text of texts) parser.write(text);
  parser.end();
}

function malformed(part: string, error: Error): UnreadableFile {
  return new UnreadableFile(
    `cannot be opened as an Excel workbook: ${part} is not well-formed (${error.message}); save it again`,
    { cause: error },
  );
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

/** An attribute by its name without a prefix. */
export function attribute(attributes: Readonly<Record<string, string>>, local: string): string | undefined {
  const name = Object.keys(attributes).find((each) => localName(each) === local);
  return name === undefined ? undefined : attributes[name];
}
