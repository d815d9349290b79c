import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { TlsAccess } from '@isthmus/shared/store/items';
import { type Link, type LinkEvents, type LinkOptions, UntrustedPeerError } from './link.ts';
import { connected, streamLink } from './stream-link.ts';

/** Connects; rejects where the P-CSCF cannot be reached or cannot prove who it is. */
export async function openTlsLink(
  options: LinkOptions,
  events: LinkEvents,
  access: TlsAccess = {},
): Promise<Link> {
  const socket = secured(options, access);
  try {
    return streamLink(await connected(socket, 'secureConnect'), 'TLS', events);
  } catch (cause) {
    // Only the check of the certificate sets this, and Node's types deny that it may be absent.
    const refusal: unknown = socket.authorizationError;
    if (!refusal) throw cause;
    throw new UntrustedPeerError('its certificate does not prove who it is', { cause });
  }
}

/** The name checked is the one configured, never one learnt from the network (RFC 5922 §4). */
function secured({ bindAddress, pcscf }: LinkOptions, access: TlsAccess): TLSSocket {
  const { caPem, serverName } = access;
  const servername = serverName ?? (isIP(pcscf.host) === 0 ? pcscf.host : undefined);
  const socket = connect({
    ...{ ...pcscf, localAddress: bindAddress },
    ...{ minVersion: 'TLSv1.2', rejectUnauthorized: true },
    ...(servername !== undefined && { servername }),
    ...(caPem !== undefined && { ca: caPem }),
  });
  socket.setNoDelay(true);
  return socket;
}
