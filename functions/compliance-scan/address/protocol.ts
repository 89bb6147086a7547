/** Names of protocols that rules speak of, by their IANA numbers. */
const names: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'icmpv6',
  '132': 'sctp',
};

const synonyms: Readonly<Record<string, string>> = {
  '': 'any',
  '*': 'any',
  '-1': 'any',
  all: 'any',
  'ipv6-icmp': 'icmpv6',
};

/** One way to write a protocol: `tcp`, `udp`, `icmp`, `icmpv6`, another name in lower case, the number of one without a name, `any`. */
export function nameProtocol(written: string | number | null | undefined): string {
  const text = String(written ?? '')
    .trim()
    .toLowerCase();
  const number = /^\d+$/u.test(text) ? String(Number(text)) : text;
  return synonyms[number] ?? names[number] ?? number;
}

/** Whether a protocol has ports. */
export function hasPorts(protocol: string): boolean {
  return protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp' || protocol === 'any';
}
