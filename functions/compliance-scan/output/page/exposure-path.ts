import { cutText } from '#shared/page/cut.ts';
import { html, type Markup, visible } from '#shared/page/markup.ts';
import type { Exposure } from '../../model/verdict.ts';
import type { ReportFinding } from '../report.ts';

interface Stop {
  readonly kind: string;
  readonly name: string;
}

const sources: Partial<Record<Exposure, Stop>> = {
  world: { kind: 'anybody', name: 'the internet' },
  wide: { kind: 'a wide part of', name: 'the internet' },
};
const [width, height, gap, shown] = [190, 46, 44, 24];

/**
 * The way in, from the internet to the resource, as boxes with arrows. `evidence.path` of a rule names what lies between
 * (`<kind> <name>`, outermost first); the text in words is what screen readers tell.
 */
export function renderExposurePath(finding: ReportFinding): Markup | undefined {
  const source = finding.exposure === undefined ? undefined : sources[finding.exposure];
  if (source === undefined) return undefined;
  const stops = [source, ...stopsOf(finding)];
  const total = stops.length * width + (stops.length - 1) * gap;
  const story = stops.map(({ kind, name }) => `${kind} ${name}`).join(' reaches ');
  const boxes = stops.map(({ kind, name }, index) => {
    const x = index * (width + gap);
    const arrow =
      index === 0
        ? undefined
        : html`<line x1="${x - gap + 4}" x2="${x - 6}" y1="${height / 2}" y2="${height / 2}" />
            <polyline
              points="${x - 12},${height / 2 - 5} ${x - 5},${height / 2} ${x - 12},${height / 2 + 5}"
              fill="none"
              stroke="currentColor"
            />`;
    return html`${arrow}<rect
        class="${index === 0 ? 'open' : ''}"
        x="${x + 1}"
        y="1"
        width="${width - 2}"
        height="${height - 2}"
        rx="6"
      /><text class="kind" x="${x + 10}" y="18">${kind}</text
      ><text x="${x + 10}" y="36"><title>${name}</title>${cutText(name, shown)}</text>`;
  });
  return html`<svg
    class="path"
    width="${total}"
    viewBox="0 0 ${total} ${height}"
    role="img"
    aria-label="${visible(story)}"
  >
    ${boxes}
  </svg>`;
}

function stopsOf({ evidence, resource, part }: ReportFinding): Stop[] {
  const path = evidence?.path;
  const between = Array.isArray(path)
    ? path.filter((one): one is string => typeof one === 'string').map((one) => splitStop(one))
    : [];
  const last = { kind: resource.kind, name: part === undefined ? resource.name : `${resource.name}, ${part}` };
  return between.length > 0 ? between.slice(0, 5) : [last];
}

function splitStop(text: string): Stop {
  const [kind = '', ...name] = text.split(' ');
  return { kind, name: name.join(' ') };
}
