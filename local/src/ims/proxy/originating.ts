import type { Binding, Bindings } from '../registrar/bindings.ts';
import { associatedUris, mayUse } from '../registrar/identities.ts';
import { serviceRouteUri } from '../registrar/registrar.ts';
import { addressOf } from '../sip/header-values.ts';
import { allHeaders, firstHeader, type SipRequest } from '../sip/message.ts';
import type { ResponseOptions } from '../sip/respond.ts';
import { parseUri, type SipUri } from '../sip/sip-uri.ts';
import type { Flow } from '../transport/flow.ts';
import { isOwn, type OwnAddress } from './own-address.ts';

export type Origin =
  | { readonly ok: true; readonly binding: Binding; readonly asserted: string }
  | { readonly ok: false; readonly refusal: ResponseOptions };

/** What a P-CSCF checks of a request that begins something (3GPP TS 24.229 §5.2.6.3.3). */
export function originOf(
  request: SipRequest,
  flow: Flow,
  { bindings, own }: { readonly bindings: Bindings; readonly own: OwnAddress },
): Origin {
  if (bindings.onFlow(flow).length === 0) return refuse(403, 'Not registered on this flow');
  const id = serviceRouteId(request, own);
  if (id === undefined) return refuse(400, 'Route does not follow the Service-Route');
  const binding = bindings.byId(id);
  if (binding?.flow.id !== flow.id) return refuse(403, 'Service-Route of another registration');
  if (!isServiceRoute(request, binding)) {
    return refuse(400, 'Route does not follow the Service-Route');
  }
  return assertIdentity(request, binding);
}

function refuse(status: number, reason: string): Origin {
  return { ok: false, refusal: { status, reason } };
}

/** The Route set without this P-CSCF itself, which may stand in front. */
function routesBeyondUs(request: SipRequest, own: OwnAddress): readonly SipUri[] {
  const routes = allHeaders(request, 'Route').map((value) => parseUri(addressOf(value) ?? ''));
  const uris = routes.filter((uri): uri is SipUri => uri !== undefined && uri.scheme !== 'tel');
  const first = uris[0];
  const isOurs = first !== undefined && first.user === undefined && isOwn(first, own);
  return isOurs ? uris.slice(1) : uris;
}

function serviceRouteId(request: SipRequest, own: OwnAddress): string | undefined {
  const [route, ...more] = routesBeyondUs(request, own);
  return more.length > 0 ? undefined : /^orig-(\w+)$/.exec(route?.user ?? '')?.[1];
}

function isServiceRoute(request: SipRequest, binding: Binding): boolean {
  const last = parseUri(addressOf(allHeaders(request, 'Route').at(-1)) ?? '');
  const wanted = parseUri(serviceRouteUri(binding));
  if (last === undefined || wanted === undefined) return false;
  if (last.scheme === 'tel' || wanted.scheme === 'tel') return false;
  return last.host === wanted.host && last.port === wanted.port && last.params.has('lr');
}

function assertIdentity(request: SipRequest, binding: Binding): Origin {
  const preferred = addressOf(firstHeader(request, 'P-Preferred-Identity'));
  if (preferred !== undefined && !mayUse(binding.subscriber, preferred)) {
    return refuse(403, 'P-Preferred-Identity outside the implicit registration set');
  }
  const asserted = preferred ?? associatedUris(binding.subscriber)[0];
  if (asserted === undefined) return refuse(403, 'Every identity is barred');
  return { ok: true, binding, asserted };
}
