import type { SipTransport } from '@isthmus/shared/store/ims-access';
import type { NaptrRecord } from './records.ts';

/** Where to ask on: an SRV name, or where there is no more to ask, a host. */
export interface Service {
  readonly transport: SipTransport;
  readonly kind: 'srv' | 'host';
  readonly name: string;
}

const TRANSPORTS: ReadonlyMap<string, SipTransport> = new Map([
  ['sip+d2u', 'udp'],
  ['sip+d2t', 'tcp'],
  ['sips+d2t', 'tls'],
]);
const SRV_PREFIX: Readonly<Record<SipTransport, string>> = {
  udp: '_sip._udp.',
  tcp: '_sip._tcp.',
  tls: '_sips._tcp.',
};

/**
 * The services of the lowest order that the tenant allows, best first. Once an order fits, none
 * behind it counts (RFC 3403 §4.1), nor does a domain that says how it is reached get asked
 * otherwise (RFC 3263 §4.1).
 */
export function servicesOf(
  records: readonly NaptrRecord[],
  allowed: readonly SipTransport[],
): readonly Service[] {
  const fitting = records
    .flatMap((record) => {
      const service = serviceOf(record);
      return service && allowed.includes(service.transport) ? [{ record, service }] : [];
    })
    .sort((a, b) => a.record.order - b.record.order || a.record.preference - b.record.preference);
  const order = fitting[0]?.record.order;
  return fitting.filter((it) => it.record.order === order).map((it) => it.service);
}

export const isSipService = ({ service }: NaptrRecord): boolean => /^sips?\+d2/i.test(service);

function serviceOf({ flags, regexp, replacement, service }: NaptrRecord): Service | undefined {
  const transport = TRANSPORTS.get(service.toLowerCase());
  const kind = KINDS.get(flags.toLowerCase());
  if (!transport || !kind || regexp !== '' || replacement === '') return undefined;
  return { transport, kind, name: replacement };
}

const KINDS: ReadonlyMap<string, Service['kind']> = new Map([
  ['s', 'srv'],
  ['a', 'host'],
]);

/** RFC 3263 §4.1: of a domain without NAPTR the SRV records are tried, as the tenant prefers. */
export const usualServices = (
  domain: string,
  allowed: readonly SipTransport[],
): readonly Service[] =>
  allowed.map((transport) => ({
    transport,
    kind: 'srv',
    name: `${SRV_PREFIX[transport]}${domain}`,
  }));
