import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { Secret } from '@isthmus/shared/domain/secret';
import type { TlsAccess } from '@isthmus/shared/store/ims-access';
import type { TargetIdentity } from '../../core/pcscf/targets.ts';
import { isOfDomain } from '../../core/sip/domain-certificate.ts';
import { type Link, type LinkEvents, type LinkOptions, UntrustedPeerError } from './link.ts';
import { connected, streamLink } from './stream-link.ts';

export interface TlsOptions {
  readonly access: TlsAccess;
  /** Key of our own certificate, where the tenant has one. */
  readonly key?: Secret;
}

/** Connects; rejects where the P-CSCF cannot be reached or cannot prove who it is. */
export async function openTlsLink(
  options: LinkOptions,
  events: LinkEvents,
  tls: TlsOptions,
): Promise<Link> {
  const socket = secured(options, tls);
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
function secured({ bindAddress, pcscf }: LinkOptions, { access, key }: TlsOptions): TLSSocket {
  const { caPem, client } = access;
  const { address, identity, port } = pcscf;
  const socket = connect({
    ...{ host: address, port, localAddress: bindAddress },
    ...{ minVersion: 'TLSv1.2', rejectUnauthorized: true },
    checkServerIdentity: (_host, certificate) => misfit(identity, certificate),
    ...(isIP(identity.name) === 0 && { servername: identity.name }),
    ...(caPem !== undefined && { ca: caPem }),
    ...(client && key && { cert: client.certificatePem, key: key.reveal() }),
  });
  socket.setNoDelay(true);
  return socket;
}

/** A host's certificate is checked as on the web, a domain's as RFC 5922 §7 has it. */
function misfit(identity: TargetIdentity, certificate: PeerCertificate): Error | undefined {
  if (identity.kind === 'host') return checkServerIdentity(identity.name, certificate);
  const subjectAltName = certificate.subjectaltname ?? '';
  const commonName = commonNameOf(certificate);
  return isOfDomain({ subjectAltName, commonName }, identity.name)
    ? undefined
    : new Error('the certificate is of another SIP domain');
}

/** Node types it as one text; a certificate may have several, and then none counts. */
function commonNameOf({ subject }: PeerCertificate): string {
  const name: unknown = subject.CN;
  return typeof name === 'string' ? name : '';
}
