import { isIP } from 'node:net';
import type { ImsAccess, SipTransport } from '@isthmus/shared/store/ims-access';
import { isSipService, type Service, servicesOf, usualServices } from '../../core/pcscf/naptr.ts';
import type { AddressRecord } from '../../core/pcscf/records.ts';
import { type Draw, orderSrv } from '../../core/pcscf/srv.ts';
import {
  defaultPort,
  distinctTargets,
  type Target,
  type TargetIdentity,
  type TargetName,
  targetsAt,
} from '../../core/pcscf/targets.ts';
import type { Names } from '../../ports/names.ts';

export interface Discovery {
  readonly targets: readonly Target[];
  /** How long they may be relied on. */
  readonly ttlS: number;
  /** Somebody who should have known could not be asked. */
  readonly hasFailures: boolean;
}

export interface DiscoveryDeps {
  readonly names: Names;
  readonly draw: Draw;
  /** Those we can send from, the preferred one first. */
  readonly families: readonly (4 | 6)[];
}

/** node:dns tells no TTL of NAPTR and SRV: what they said is not relied on for longer (ADR 0021). */
const LONGEST_TTL_S = 60;

/** Every P-CSCF of a tenant in the order they are to be tried (RFC 3263 §4). */
export async function discover(
  access: Pick<ImsAccess, 'pcscf' | 'tls' | 'transport' | 'transports'>,
  deps: DiscoveryDeps,
): Promise<Discovery> {
  const search = new Search(deps);
  const allowed = access.transports ?? [access.transport];
  const found = await Promise.all(
    access.pcscf.map(({ host, port }) =>
      port === undefined && isIP(host) === 0
        ? search.domain(host, allowed)
        : search.host({
            ...{ transport: access.transport, routeHost: host },
            port: port ?? defaultPort(access.transport),
            identity: { kind: 'host', name: access.tls?.serverName ?? host },
            host,
          }),
    ),
  );
  return {
    targets: distinctTargets(found.flat()),
    ttlS: search.ttlS,
    hasFailures: search.hasFailures,
  };
}

type HostName = TargetName & { readonly host: string };

class Search {
  readonly #deps: DiscoveryDeps;
  ttlS = LONGEST_TTL_S;
  hasFailures = false;

  constructor(deps: DiscoveryDeps) {
    this.#deps = deps;
  }

  async domain(domain: string, allowed: readonly SipTransport[]): Promise<readonly Target[]> {
    const identity: TargetIdentity = { kind: 'domain', name: domain };
    const services = await this.#services(domain, allowed);
    const found = await Promise.all(services.map((it) => this.#service(it, identity)));
    const targets = found.flat();
    // RFC 3263 §4.2: no SRV at all, then the domain is a host at the usual port.
    const isBare =
      targets.length === 0 && services.every(({ name }) => name.endsWith(`.${domain}`));
    const [transport] = allowed;
    if (!isBare || !transport || this.hasFailures) return targets;
    return await this.host({ transport, port: defaultPort(transport), identity, host: domain });
  }

  async host({ host, ...name }: HostName): Promise<readonly Target[]> {
    const records = this.#noted(await this.#deps.names.addresses(host));
    this.#limit(records);
    return targetsAt(name, records, this.#deps.families);
  }

  async #services(domain: string, allowed: readonly SipTransport[]): Promise<readonly Service[]> {
    const naptr = this.#noted(await this.#deps.names.naptr(domain));
    return naptr.some(isSipService) ? servicesOf(naptr, allowed) : usualServices(domain, allowed);
  }

  async #service(
    { kind, name, transport }: Service,
    identity: TargetIdentity,
  ): Promise<readonly Target[]> {
    if (kind === 'host') {
      return await this.host({ transport, port: defaultPort(transport), identity, host: name });
    }
    const records = orderSrv(this.#noted(await this.#deps.names.srv(name)), this.#deps.draw);
    const found = await Promise.all(
      records.map(({ name: host, port }) => this.host({ transport, port, identity, host })),
    );
    return found.flat();
  }

  #noted<R>(answer: readonly R[] | 'failed'): readonly R[] {
    if (answer !== 'failed') return answer;
    this.hasFailures = true;
    return [];
  }

  #limit(records: readonly AddressRecord[]): void {
    this.ttlS = Math.min(this.ttlS, ...records.map(({ ttlS }) => ttlS));
  }
}
