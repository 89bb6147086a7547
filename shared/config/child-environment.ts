/** Our environment with some variables more, for a program that we start: it needs the user's `PATH`, home and proxies. */
export function childEnvironment(added: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...added };
}
