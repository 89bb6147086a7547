import { hash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { renderPage } from '#functions/compliance-scan/output/page/page.ts';
import { hostileTexts } from '../../../support/hostile-texts.ts';
import { makeFinding, makeReport, makeRule } from '../../../support/scan-report.ts';

describe('the page of a scan', () => {
  test('tells what is open, what changed, what could not be read, and which waivers end', () => {
    const page = renderPage(makeReport());
    expect(page).toContain('Not everything could be looked at');
    expect(page).toContain('listing secrets is forbidden. Nothing was resolved there.');
    expect(page).toContain('aria-label="anybody the internet reaches aws.SecurityGroup sg-1, tcp/22"');
    expect(page).toMatch(/<h3>Resolved: 1<\/h3>/);
    expect(page).toMatch(/<h3>Reopened: 1<\/h3>/);
    expect(page).toContain('<span class="tag bad">expiring</span>');
    expect(page).not.toMatch(/<script|https?:\/\/|src=|url\(/);
  });

  test('shows the way in that evidence tells', () => {
    const evidence = { path: ['LoadBalancer ingress-nginx', 'aws.SecurityGroup sg-1', 'aws.Instance i-1'] };
    expect(renderPage(makeReport({ findings: [makeFinding({ evidence })] }))).toContain(
      'anybody the internet reaches LoadBalancer ingress-nginx reaches aws.SecurityGroup sg-1 reaches aws.Instance i-1',
    );
  });

  test('is as calm as a lake where nothing fails', () => {
    const calm = makeReport({ findings: [], scopes: [], waivers: [], areas: [], complete: true });
    const page = renderPage(calm);
    for (const text of ['Nothing fails.', 'Nothing changed since the last scan.', 'No waivers.'])
      expect(page).toContain(text);
  });

  test('lets its own style in, and nothing else', () => {
    const page = renderPage(makeReport());
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(page).toContain(
      `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}';`.replaceAll("'", '&#39;'),
    );
  });

  test('stays small: it shows the first findings of a rule and counts the others', () => {
    const findings = Array.from({ length: 10_000 }, (_, index) => makeFinding({ part: `tcp/${index}` }));
    const page = renderPage(makeReport({ findings }));
    expect(page.length).toBeLessThan(200_000);
    expect(page).toContain('And 9,900 findings more.');
  });

  test('has the same markup whatever things are called', () => {
    const tags = (text: string): string => {
      const finding = makeFinding({ reason: text, part: text, evidence: { path: [`x ${text}`] } });
      const resource = { ...finding.resource, name: text, owner: text, place: { account: `a${text}` } };
      const waiver = { ...makeReport().waivers[0]!, id: text, reason: text, owner: text };
      const page = renderPage(
        makeReport({
          instance: text,
          findings: [{ ...finding, resource, transition: { kind: 'opened' } }],
          rules: [makeRule({ title: text, why: text, remedy: text })],
          waivers: [waiver],
        }),
      );
      return (page.match(/<[^>]*>/g) ?? []).map((tag) => tag.replaceAll(/"[^"]*"/g, '""')).join('');
    };
    const harmless = tags('harmless');
    for (const text of hostileTexts.filter((one) => one !== '')) expect([text, tags(text)]).toEqual([text, harmless]);
  });
});
