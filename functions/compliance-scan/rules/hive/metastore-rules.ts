import { type HiveMetastoreBody, hiveKinds } from '../../inventory/hive/kinds.ts';
import { defineRule, type Rule } from '../../model/rule.ts';
import { fail, pass, unknown } from '../judgement.ts';

const encrypted = defineRule<HiveMetastoreBody>({
  id: 'hive-metastore-encrypted',
  version: 1,
  title: 'Clients speak TLS with the metastore',
  why: 'On the way are locations, statistics with real values, and delegation tokens; who changes an answer sends engines to other files. Kerberos may encrypt too, which the metastore does not tell.',
  area: 'encryption',
  severity: 'medium',
  kinds: [hiveKinds.metastore],
  controls: { 'pci-4.0': ['4.2.1'] },
  remedy: 'Set metastore.use.SSL=true with a keystore, and hive.metastore.use.SSL=true for clients.',
  judge({ name, body: { tls } }) {
    if (tls === undefined) return unknown(`metastore ${name} does not tell whether it speaks TLS`);
    return tls
      ? pass(`metastore ${name} speaks TLS`)
      : fail(`metastore ${name} speaks plain text`, { 'metastore.use.SSL': false });
  },
  examples: [
    { shows: 'TLS', given: { body: { tls: true } }, status: 'pass' },
    { shows: 'plain text', given: { body: { tls: false } }, status: 'fail' },
    { shows: 'not told', given: { body: {} }, status: 'unknown' },
  ],
});

const authenticated = defineRule<HiveMetastoreBody>({
  id: 'hive-metastore-authenticated',
  version: 1,
  title: 'Clients of the metastore prove who they are',
  why: 'Without it a client is who it says it is (set_ugi), and may drop every table.',
  area: 'identity',
  severity: 'high',
  kinds: [hiveKinds.metastore],
  remedy: 'Set metastore.sasl.enabled=true with Kerberos, or metastore.authentication to LDAP or JWT.',
  judge({ name, body: { authentication } }) {
    if (authentication === undefined) return unknown(`metastore ${name} does not tell how clients prove who they are`);
    return authentication === 'NONE'
      ? fail(`metastore ${name} believes whoever a client says it is`, { authentication })
      : pass(`metastore ${name} wants ${authentication}`);
  },
  examples: [
    { shows: 'Kerberos', given: { body: { authentication: 'KERBEROS' } }, status: 'pass' },
    { shows: 'nothing', given: { body: { authentication: 'NONE' } }, status: 'fail' },
    { shows: 'not told', given: { body: {} }, status: 'unknown' },
  ],
});

const authorizes = defineRule<HiveMetastoreBody>({
  id: 'hive-metastore-authorizes',
  version: 1,
  title: 'The metastore checks who may change tables',
  why: 'Privileges in SQL bind those who come by HiveServer2. Spark, Trino and scripts go to the metastore itself, which checks nothing unless a listener is set.',
  area: 'identity',
  severity: 'high',
  kinds: [hiveKinds.metastore],
  remedy:
    'Set metastore.pre.event.listeners to the AuthorizationPreEventListener with storage based authorization, or to that of Ranger.',
  judge({ name, body: { authorization } }) {
    if (authorization === undefined) return unknown(`metastore ${name} does not tell whether it checks access`);
    return authorization === ''
      ? fail(`metastore ${name} lets every client change every table`, { 'metastore.pre.event.listeners': '' })
      : pass(`metastore ${name} checks access by ${authorization}`);
  },
  examples: [
    { shows: 'a listener', given: { body: { authorization: 'org.example.Listener' } }, status: 'pass' },
    { shows: 'none', given: { body: { authorization: '' } }, status: 'fail' },
    { shows: 'not told', given: { body: {} }, status: 'unknown' },
  ],
});

/** Rules about the metastore itself. */
export const metastoreRules: readonly Rule[] = [encrypted, authenticated, authorizes];
