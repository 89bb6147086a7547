import { existsSync, readFileSync } from 'node:fs';
import type { Environment } from '#shared/config/environment.ts';
import { readTokenFile } from '#shared/config/token-file.ts';
import { LakewardenError } from '#shared/errors/error.ts';
import { createAgents, type Agents } from '#shared/events/post.ts';
import { createHttpSink, createLogSink, type EventSink } from '#shared/events/sink.ts';
import type { Logger } from '#shared/observe/log.ts';
import type { HostSettings } from './host-settings.ts';

/** Where Knative's SinkBinding lays the token that the sink asks for: knative.dev/eventing, pkg/apis/sources/v1, sinkbinding_lifecycle.go. */
const boundTokenFile = '/oidc/token';

/** The sink that the platform names, reached as platform and settings say. @throws LakewardenError `config.invalid` */
export function openSink(environment: Environment, { sink }: Pick<HostSettings, 'sink'>, log: Logger): EventSink {
  const { sink: url, eventExtensions: extensions, sinkAuthorities } = environment;
  if (url === undefined) return createLogSink(log);
  const file = sink?.tokenFile ?? (existsSync(boundTokenFile) ? boundTokenFile : undefined);
  const authorities = [...(sink?.caFiles ?? []).map(readAuthorities), ...(sinkAuthorities ? [sinkAuthorities] : [])];
  return createHttpSink({
    url,
    extensions,
    agents: agentsFor(authorities),
    token: file === undefined ? undefined : () => readTokenFile(file, 'sink.unavailable'),
  });
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `host.sink.caFiles: ${file} cannot be read`;
    throw new LakewardenError('config.invalid', message, { cause });
  }
}

function agentsFor(authorities: readonly string[]): Agents {
  try {
    return createAgents(authorities);
  } catch (cause) {
    const message = 'the certificates of K_CA_CERTS or host.sink.caFiles cannot be read';
    throw new LakewardenError('config.invalid', message, { cause });
  }
}
