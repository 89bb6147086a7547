/** The exit codes of every command, as `--help` tells them. */
export const exitCode = {
  /** All was done, or there was nothing to do. */
  ok: 0,
  /** It failed; a second try may work when a service was away. */
  failed: 1,
  /** The command line or the settings are wrong. */
  usage: 2,
  /** Done in part, or something was found: it is named. */
  partial: 3,
  /** With `plan --exit-code`: there is something to change. */
  changes: 4,
} as const;

/** The lines about exit codes in `--help`. */
export const exitCodeHelp = `
Exit codes:
  0  all done, or nothing to do
  1  failed (a service is away, or a bug): try again
  2  the command line or the settings are wrong
  3  done in part: something was refused, or doctor, drift or completeness found something; each thing is named
  4  only with plan --exit-code: there is something to change`;
