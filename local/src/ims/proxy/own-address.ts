import { parseUri, type SipUri } from '../sip/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';

/** Where this P-CSCF is reached; the port is known once the sockets are open. */
export interface OwnAddress {
  readonly host: string;
  readonly port: number;
}

export function isOwn(uri: SipUri, own: OwnAddress): boolean {
  return uri.host === own.host && (uri.port ?? 5060) === own.port;
}

export function viaOf(flow: Flow, own: OwnAddress, branch: string): string {
  return `SIP/2.0/${flow.transport} ${own.host}:${String(own.port)};branch=${branch}`;
}

/** The two ends of a dialog, as they stand in our Record-Route. */
export interface DialogEnds {
  readonly caller: string;
  readonly callee: string;
}

export function recordRouteOf(ends: DialogEnds, flow: Flow, own: OwnAddress): string {
  const transport = flow.transport === 'TCP' ? ';transport=tcp' : '';
  return `<sip:d-${ends.caller}.${ends.callee}@${own.host}:${String(own.port)}${transport};lr>`;
}

export function dialogEnds(routeUri: string | undefined, own: OwnAddress): DialogEnds | undefined {
  const uri = routeUri === undefined ? undefined : parseUri(routeUri);
  if (uri === undefined || uri.scheme === 'tel' || !isOwn(uri, own)) return undefined;
  const [, caller, callee] = /^d-([^.]+)\.([^.]+)$/.exec(uri.user ?? '') ?? [];
  return caller === undefined || callee === undefined ? undefined : { caller, callee };
}
