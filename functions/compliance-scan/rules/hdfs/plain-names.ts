import { type HdfsFolderBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { isStrangeName } from '../../inventory/hdfs/name-trouble.ts';
import { defineRule } from '../../model/rule.ts';
import { fail, pass } from '../judgement.ts';
import { files, folder } from './examples.ts';

/** Names can be handled. */
export const plainNames = defineRule<HdfsFolderBody>({
  id: 'hdfs-plain-names',
  version: 1,
  title: 'Names have no invisible characters, wildcards or spaces at the ends',
  why: 'A line break makes one name two in every log, an invisible character makes two folders look like one, and scripts read wildcards and quotes as something else. Letters of any language and % are fine.',
  area: 'durability',
  severity: 'low',
  kinds: [hdfsKinds.folder],
  remedy: 'Rename it through WebHDFS, which takes any name.',
  triggers: ['hdfs/content'],
  judge({ name, body: { path, files: content } }) {
    const last = path.slice(path.lastIndexOf('/') + 1);
    // As JSON, so that what is invisible is seen.
    if (isStrangeName(last))
      return fail(`the name ${JSON.stringify(last)} is hard to handle`, { name: JSON.stringify(last) });
    const strange = (content?.strange ?? []).map((each) => JSON.stringify(each));
    return strange.length === 0
      ? pass(`the names of ${name} and its files can be handled`)
      : fail(`${name} has files with names that are hard to handle, such as ${strange[0]}`, { names: strange });
  },
  examples: [
    { shows: 'a plain name', given: folder(), status: 'pass' },
    { shows: 'letters of a language and escapes', given: folder({}, '/golden/größe=12%3A00'), status: 'pass' },
    { shows: 'a line break', given: folder({}, '/golden/a\nb'), status: 'fail' },
    { shows: 'a space at the end', given: folder({}, '/golden/clicks '), status: 'fail' },
    { shows: 'a file with a wildcard', given: folder({ files: files({ strange: ['*.parquet'] }) }), status: 'fail' },
  ],
});
