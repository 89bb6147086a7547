import { z } from 'zod';

const folders = (path: string) => z.array(z.string().startsWith('/')).default([path]);

/** Where the lake keeps what. */
export const roots = z
  .strictObject({
    golden: folders('/golden').describe('folders of golden data'),
    quarantine: folders('/quarantine').describe('folders of quarantined data'),
    raw: folders('/raw').describe('folders of raw data'),
  })
  .prefault({})
  .describe('folders of the lake by what they hold');

/** The first of these folders that a path is or lies in. */
export function folderOf(path: string, folderPaths: readonly string[]): string | undefined {
  return folderPaths.find((folder) => {
    const clean = folder.replace(/\/+$/, '');
    return path === clean || path.startsWith(`${clean}/`);
  });
}
