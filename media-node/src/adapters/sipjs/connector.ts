import { assertNever } from '@isthmus/shared/assert-never';
import type { Secret } from '@isthmus/shared/domain/secret';
import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import type { Target } from '../../core/pcscf/targets.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Unsealer } from '../../ports/unsealer.ts';
import type { Link, LinkEvents } from './link.ts';
import type { LocalAddresses } from './local-addresses.ts';
import { timersOf } from './sip-timers.ts';
import { openTcpLink } from './tcp-link.ts';
import { openTlsLink } from './tls-link.ts';
import { openUdpLink } from './udp-link.ts';

export interface ConnectorDeps {
  readonly clock: Clock;
  readonly unsealer: Unsealer;
}

export interface ConnectorAccess {
  readonly tenant: string;
  readonly ims: ImsAccess;
}

export type Connect = (target: Target, events: LinkEvents) => Promise<Link>;

/** Opens the kind of link that a target is reached by. */
export function connectorOf(
  { clock, unsealer }: ConnectorDeps,
  access: ConnectorAccess,
  locals: LocalAddresses,
): Connect {
  const { largeRequests, timers, tls = {} } = access.ims;
  return async (target, events) => {
    const bindAddress = locals.get(target.family)?.bindAddress ?? '';
    const options = { pcscf: target, bindAddress };
    switch (target.transport) {
      case 'tcp':
        return await openTcpLink(options, events);
      case 'tls': {
        const key = await tlsKey(unsealer, access);
        return await openTlsLink(options, events, { access: tls, ...(key && { key }) });
      }
      case 'udp':
        return await openUdpLink(options, events, {
          ...{ clock, timers: timersOf(timers), largeByTcp: largeRequests === 'tcp' },
        });
      default:
        return assertNever(target.transport);
    }
  };
}

/** Unsealed for each connection, and kept nowhere of ours. */
async function tlsKey(
  unsealer: Unsealer,
  { ims, tenant }: ConnectorAccess,
): Promise<Secret | undefined> {
  const sealed = ims.tls?.client?.sealedKeyPem;
  if (sealed === undefined) return undefined;
  return await unsealer.unseal(sealed, { tenant, purpose: 'tls', subject: ims.homeDomain });
}

export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
