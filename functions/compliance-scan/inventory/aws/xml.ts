/** A document of AWS as plain data: texts, objects by the names of elements, and lists of what stands in `item` and the like. */
export type Wire = string | readonly Wire[] | { readonly [name: string]: Wire };

/** Elements that are entries of a list, also when there is one only. */
const entries = new Set(['item', 'member', 'Bucket', 'Tag']);

/** The deepest nesting that is read; documents of AWS stay below 15. */
const deepest = 60;

interface Frame {
  readonly name: string;
  text: string;
  list: Wire[] | undefined;
  fields: Record<string, Wire> | undefined;
}

/**
 * Reads XML as AWS writes it (no document types, attributes ignored, prefixes cut) piece by piece, so that a long answer is
 * never held as text. Throws TypeError for anything else.
 */
export class XmlReader {
  readonly #stack: Frame[] = [{ name: '', text: '', list: undefined, fields: undefined }];
  #rest = '';

  /** Takes the next piece of the text. */
  push(piece: string): void {
    const text = this.#rest + piece;
    let at = 0;
    for (;;) {
      const begin = text.indexOf('<', at);
      const end = begin < 0 ? -1 : text.indexOf('>', begin);
      if (end < 0) break;
      if (begin > at) this.#top.text += text.slice(at, begin);
      this.#take(text.slice(begin + 1, end));
      at = end + 1;
    }
    this.#rest = text.slice(at);
  }

  /** The whole document, by the name of its root. */
  end(): Wire {
    if (this.#stack.length !== 1 || this.#rest.trim() !== '') throw new TypeError('the XML ends too early');
    return valueOf(this.#top);
  }

  get #top(): Frame {
    return this.#stack.at(-1) as Frame;
  }

  #take(tag: string): void {
    if (tag.startsWith('?')) return;
    if (tag.startsWith('!')) throw new TypeError('the XML holds what AWS does not write');
    if (tag.startsWith('/')) {
      this.#close(nameOf(tag.slice(1)));
      return;
    }
    if (this.#stack.length > deepest) throw new TypeError('the XML is nested too deeply');
    const isEmpty = tag.endsWith('/');
    this.#stack.push({ name: nameOf(isEmpty ? tag.slice(0, -1) : tag), text: '', list: undefined, fields: undefined });
    if (isEmpty) this.#close(this.#top.name);
  }

  #close(name: string): void {
    const closed = this.#stack.pop();
    if (closed?.name !== name || this.#stack.length === 0) throw new TypeError('the XML closes what is not open');
    const parent = this.#top;
    if (entries.has(name)) {
      parent.list ??= [];
      parent.list.push(valueOf(closed));
    } else {
      // Without a prototype: an element may be called like a method of objects.
      parent.fields ??= Object.create(null) as Record<string, Wire>;
      parent.fields[name] = valueOf(closed);
    }
  }
}

function valueOf({ text, list, fields }: Frame): Wire {
  return list ?? fields ?? decode(text);
}

function nameOf(tag: string): string {
  const [name = ''] = tag.trim().split(/\s/u);
  return name.slice(name.indexOf(':') + 1);
}

const entities: Readonly<Record<string, string>> = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' };

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,4}));/giu,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
