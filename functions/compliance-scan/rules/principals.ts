import { z } from 'zod';
import { fitsPattern } from '#shared/lake/name-pattern.ts';

/** Names of people. */
export const people = z
  .array(z.string().min(1))
  .default(['*@*'])
  .describe('names that are people, without User:; * stands for any text');

/** Names of programs. */
export const services = z
  .array(z.string().min(1))
  .default(
    `hdfs hive kafka connect flink spark trino presto airflow yarn mapred impala lakewarden system
    svc-* svc_* svc.* *-svc *_svc sa-* sa_* service-* *$`.split(/\s+/),
  )
  .describe('names that are programs, without User:; * stands for any text; a name that is in both lists is a program');

/** Who may change everything. */
export const admins = z
  .array(z.string().min(1))
  .default(['admin', 'kafka', 'kafka-admin', 'hdfs', 'lake-admin'])
  .describe('names that may change everything, without User:; * stands for any text');

/** True for a name that fits one of the patterns; `User:` before it does not count, and Kerberos' host and realm need not be there. */
export function isAmong(name: string, patterns: readonly string[]): boolean {
  const { plain, short } = readName(name);
  return patterns.some((pattern) => fitsPattern(plain, pattern) || fitsPattern(short, pattern));
}

/** True for a name that stands for somebody and not for a program. A Kerberos name with a host is a program's. */
export function isPerson(name: string, lists: { people: readonly string[]; services: readonly string[] }): boolean {
  const { short, host } = readName(name);
  return !isAmong(name, lists.services) && isAmong(host ? short : name, lists.people);
}

/** Takes `nn/host@REALM` and `ann@REALM` apart; what has a realm in small letters is an address of mail. */
function readName(name: string): { plain: string; short: string; host: boolean } {
  const plain = name.replace(/^User:/, '');
  const [, short = plain, host] = /^([^/@]+)(\/[^@]*)?@[A-Z0-9.-]+$/.exec(plain) ?? [];
  return { plain, short, host: host !== undefined };
}
