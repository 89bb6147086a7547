import { html, type Markup } from '#shared/page/markup.ts';
import type { Report } from './report.ts';
import { amount, count, shortTime } from '#shared/page/times.ts';

/** Letters of each hour as bars, with their numbers in words for those who cannot see them. */
export function renderTimeline(timeline: Report['timeline']): Markup {
  const [width, height, foot] = [960, 120, 20];
  const most = Math.max(1, ...timeline.map(({ letters }) => letters));
  const step = width / Math.max(1, timeline.length);
  const bars = timeline.map(({ hour, letters }, index) => {
    const tall = heightOf(letters, most, height);
    return html`<rect
      x="${fixed(index * step + 1)}"
      y="${fixed(height - tall)}"
      width="${fixed(step - 2)}"
      height="${fixed(tall)}"
      rx="1"
      ><title>${shortTime(hour)}: ${count(letters, 'letter')}</title></rect
    >`;
  });
  const marks = timeline.flatMap(({ hour }, index) =>
    (hour.slice(11, 13) === '00' || hour.slice(11, 13) === '12') && index < timeline.length - 4
      ? [
          html`<line x1="${fixed(index * step)}" x2="${fixed(index * step)}" y1="${height}" y2="${height + 5}" /><text
              x="${fixed(index * step + 4)}"
              y="${height + 15}"
              >${shortTime(hour).slice(5)}</text
            >`,
        ]
      : [],
  );
  const [first, last] = [timeline[0], timeline.at(-1)];
  const total = timeline.reduce((sum, { letters }) => sum + letters, 0);
  const peak = timeline.find(({ letters }) => letters === most);
  const story =
    first === undefined || last === undefined || peak === undefined
      ? 'No letters in the last 48 hours.'
      : `${count(total, 'letter')} in the last 48 hours; most in the hour from ${shortTime(peak.hour)}: ${amount(most)}.`;
  return html`<figure>
    <svg class="timeline" viewBox="0 0 ${width} ${height + foot}" role="img" aria-label="Letters per hour. ${story}">
      <line class="base" x1="0" x2="${width}" y1="${height}" y2="${height}" />
      ${bars}${marks}
    </svg>
    <figcaption>${story} Times are in UTC.</figcaption>
  </figure>`;
}

/** The same, very small, beside the text that tells it: nothing for screen readers. */
export function renderSpark(hours: readonly number[]): Markup {
  const [width, height] = [144, 28];
  const most = Math.max(1, ...hours);
  const step = width / Math.max(1, hours.length);
  const bars = hours.flatMap((letters, index) => {
    const tall = heightOf(letters, most, height);
    return letters === 0
      ? []
      : [
          html`<rect
            x="${fixed(index * step)}"
            y="${fixed(height - tall)}"
            width="${fixed(step - 0.6)}"
            height="${fixed(tall)}"
          />`,
        ];
  });
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" aria-hidden="true">
    <line class="base" x1="0" x2="${width}" y1="${height}" y2="${height}" />
    ${bars}
  </svg>`;
}

/** What is not nothing can be seen. */
function heightOf(letters: number, most: number, height: number): number {
  return letters === 0 ? 0 : Math.max(2, (letters / most) * height);
}

function fixed(number: number): string {
  return String(Math.round(number * 10) / 10);
}
