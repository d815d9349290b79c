import {
  type AddressRange,
  embeddedIpv4,
  isInRange,
  readAddressRange,
  readIpAddress,
} from './ip-address.ts';

export interface AddressPolicyOptions {
  /** The lab's setting: loopback and link-local may be sent to. */
  readonly allowLocal: boolean;
  /** Our own networks, `10.0.0.0/16`: nobody makes us send there. */
  readonly refusedRanges: readonly string[];
}

/** Whether a peer may make us send to this address (SEC-3). */
export type AddressPolicy = (address: string) => boolean;

const ranges = (...texts: readonly string[]): readonly AddressRange[] =>
  texts.flatMap((text) => readAddressRange(text) ?? []);

const LOCAL = ranges('127.0.0.0/8', '::1', '169.254.0.0/16', 'fe80::/10');
/** The metadata services hand out credentials: refused in the lab as well. */
const NEVER = ranges(
  '169.254.169.254',
  '169.254.170.2',
  'fd00:ec2::254',
  'fd00:ec2::23',
  '0.0.0.0/8',
  '::',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'ff00::/8',
);

/** Private addresses elsewhere are normal behind NAT and are not among them. */
export const refusedRanges = (options: AddressPolicyOptions): readonly AddressRange[] => [
  ...NEVER,
  ...(options.allowLocal ? [] : LOCAL),
  ...ranges(...options.refusedRanges),
];

export function createAddressPolicy(options: AddressPolicyOptions): AddressPolicy {
  const refused = refusedRanges(options);
  return (text) => {
    const address = readIpAddress(text);
    if (!address) return false;
    const reached = [address, embeddedIpv4(address) ?? address];
    return !refused.some((range) => reached.some((it) => isInRange(it, range)));
  };
}
