import type { SipTransport } from '@isthmus/shared/store/ims-access';
import type { AddressRecord } from './records.ts';

/** Whom a certificate must name: a host as it was configured, or the domain that was looked up. */
export type TargetIdentity =
  | { readonly kind: 'host'; readonly name: string }
  /** RFC 5922 §7: never a name learnt from the DNS. */
  | { readonly kind: 'domain'; readonly name: string };

/** One address of one P-CSCF over one transport. */
export interface Target {
  readonly id: string;
  readonly transport: SipTransport;
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  /** What the topmost Route names. */
  readonly routeHost: string;
  readonly identity: TargetIdentity;
}

export type TargetName = Pick<Target, 'transport' | 'port' | 'identity'> & {
  /** Where absent, the address itself. */
  readonly routeHost?: string;
};

export const defaultPort = (transport: SipTransport): number => (transport === 'tls' ? 5061 : 5060);

/** Addresses of the families at hand, those of the preferred one first. */
export function targetsAt(
  name: TargetName,
  addresses: readonly AddressRecord[],
  families: readonly (4 | 6)[],
): readonly Target[] {
  const { identity, port, routeHost, transport } = name;
  return families.flatMap((family) =>
    addresses
      .filter((it) => it.family === family)
      .map(({ address }) => ({
        id: `${transport} ${address} ${String(port)}`,
        ...{ transport, family, address, port, identity },
        routeHost: routeHost ?? address,
      })),
  );
}

/** The same address over the same transport is tried once, where it first stands. */
export function distinctTargets(targets: readonly Target[]): readonly Target[] {
  const seen = new Set<string>();
  return targets.filter(({ id }) => !seen.has(id) && seen.add(id));
}
