/** Kubernetes' quantities as whole billionths, the smallest that its API keeps: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const billion = 1_000_000_000n;

const scales: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': billion,
  k: billion * 10n ** 3n,
  M: billion * 10n ** 6n,
  G: billion * 10n ** 9n,
  T: billion * 10n ** 12n,
  P: billion * 10n ** 15n,
  E: billion * 10n ** 18n,
  Ki: billion << 10n,
  Mi: billion << 20n,
  Gi: billion << 30n,
  Ti: billion << 40n,
  Pi: billion << 50n,
  Ei: billion << 60n,
};

const form = /^([+-]?)(\d{1,30})?(?:\.(\d{0,30}))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/;

/** A quantity such as `500m`, `1Gi` or `1e3` in billionths, rounded up as Kubernetes does; undefined when it is none. */
export function parseQuantity(text: string): bigint | undefined {
  const [match, sign, whole = '', fraction = '', suffix = '', exponent = '0'] = form.exec(text) ?? [];
  if (match === undefined || whole + fraction === '') return undefined;
  const power = Number(exponent);
  const digits = BigInt(whole + fraction) * (scales[suffix] ?? billion) * 10n ** BigInt(Math.max(power, 0));
  const divisor = 10n ** BigInt(fraction.length + Math.max(-power, 0));
  const billionths = (digits + divisor - 1n) / divisor;
  return sign === '-' ? -billionths : billionths;
}
