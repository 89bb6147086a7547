import { hash } from 'node:crypto';
import { html, Markup } from './markup.ts';
import { pageStyle } from './style.ts';

/** A page: what stands in its title and between `<body>` and `</body>`. */
export interface Page {
  readonly title: string;
  readonly body: Markup;
}

/** Nothing is loaded from anywhere, no script runs, and the one style is known by its hash. */
const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', pageStyle, 'base64')}'; base-uri 'none'; form-action 'none'`;

/** In one piece: a space more, and the hash is another one. */
const style = new Markup(`<style>${pageStyle}</style>`);

/** One HTML file that needs no other file, no script and no network. */
export function renderDocument({ title, body }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="referrer" content="no-referrer" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
