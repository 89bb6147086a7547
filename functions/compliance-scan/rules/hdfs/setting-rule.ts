import { type HdfsFileSystemBody, hdfsKinds } from '../../inventory/hdfs/kinds.ts';
import { defineRule, type Area, type Rule } from '../../model/rule.ts';
import type { Severity } from '../../model/verdict.ts';
import { fail, pass, unknown } from '../judgement.ts';

/** A rule about one setting of the NameNode. */
export interface SettingRule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly area: Area;
  readonly severity: Severity;
  readonly setting: string;
  /** Whether a value is fine. */
  readonly accepts: (value: string) => boolean;
  /** What it means when it is not. */
  readonly trouble: string;
  readonly remedy: string;
  readonly good: string;
  readonly bad: string;
  readonly controls?: Readonly<Record<string, readonly string[]>>;
}

/** Makes the rule; a setting that cannot be read is unknown. */
export function settingRule({ setting, accepts, trouble, good, bad, ...rest }: SettingRule): Rule {
  const given = (value?: string) => ({ body: { settings: value === undefined ? {} : { [setting]: value } } });
  return defineRule<HdfsFileSystemBody>({
    ...rest,
    version: 1,
    kinds: [hdfsKinds.fileSystem],
    judge({ name, body: { settings } }) {
      const value = settings?.[setting];
      if (value === undefined) return unknown(`the NameNode of ${name} does not tell ${setting}`);
      return accepts(value.trim()) ? pass(`${setting} of ${name} is ${value}`) : fail(trouble, { [setting]: value });
    },
    examples: [
      { shows: 'a good value', given: given(good), status: 'pass' },
      { shows: 'a bad value', given: given(bad), status: 'fail' },
      { shows: 'none told', given: given(), status: 'unknown' },
    ],
  });
}
