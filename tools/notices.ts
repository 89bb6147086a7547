import { licenceTexts, type Component } from './components.ts';

/** Licences under which code may be in what we ship: all permissive, none that reaches over to ours. */
const permissive: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** @throws Error that names the packages of whose licences one is not permissive, though it may be one to choose from. */
export function refuseLicences(packages: readonly Component[]): void {
  const others = packages.filter(
    ({ licence }) => !licence.split(/[()\s]+|AND|OR/).every((one) => one === '' || permissive.has(one)),
  );
  if (others.length > 0)
    throw new Error(
      `licences to look at first: ${others.map(({ name, version, licence }) => `${name} ${version} (${licence})`).join(', ')}`,
    );
}

const line = '-'.repeat(80);

/** The licences of all packages in a bundle, word by word, as they ask for. */
export function renderNotices(packages: readonly Component[]): string {
  const parts = packages.map((component) => {
    const { name, version, licence } = component;
    const texts = licenceTexts(component);
    const said = texts.length > 0 ? texts : [`The package brings no text of its licence; it names ${licence}.`];
    return [line, `${name} ${version}, ${licence}`, ...said].join('\n\n');
  });
  return `${['This program holds code of the packages below, under their own licences.', ...parts].join('\n\n')}\n`;
}
