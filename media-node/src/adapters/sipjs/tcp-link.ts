import { connect } from 'node:net';
import type { Link, LinkEvents, LinkOptions } from './link.ts';
import { connected, streamLink } from './stream-link.ts';

/** Connects; rejects where the P-CSCF cannot be reached. */
export async function openTcpLink(options: LinkOptions, events: LinkEvents): Promise<Link> {
  const { bindAddress, localPort, pcscf } = options;
  const local = { localAddress: bindAddress, ...(localPort !== undefined && { localPort }) };
  const socket = connect({ host: pcscf.address, port: pcscf.port, ...local, noDelay: true });
  return streamLink(await connected(socket, 'connect'), 'TCP', events);
}
