declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** One customer of this deployment. Every stored item, token, metric and log line carries it. */
export type TenantId = Branded<'TenantId'>;
/** A logged-in client. It outlives the WebSocket that carries it. */
export type SessionId = Branded<'SessionId'>;
/** API Gateway's name for one WebSocket. */
export type ConnectionId = Branded<'ConnectionId'>;
/** One call attempt, either direction; the key of its record. */
export type CallId = Branded<'CallId'>;
/** One running media node; a restart is a new node. */
export type NodeId = Branded<'NodeId'>;
/** One subscriber identity under which the IWF itself registers as IP-PBX (REG-1). */
export type TrunkId = Branded<'TrunkId'>;
/** Public identity, a SIP or tel URI: `sip:alice@ims.example` (3GPP TS 23.003 §13.4). */
export type Impu = Branded<'Impu'>;
/** Private identity, the Digest username: `alice@ims.example` (3GPP TS 23.003 §13.3). */
export type Impi = Branded<'Impi'>;

export const tenantId = (text: string): TenantId => text as TenantId;
export const sessionId = (text: string): SessionId => text as SessionId;
export const connectionId = (text: string): ConnectionId => text as ConnectionId;
export const callId = (text: string): CallId => text as CallId;
export const nodeId = (text: string): NodeId => text as NodeId;
export const trunkId = (text: string): TrunkId => text as TrunkId;
export const impu = (text: string): Impu => text as Impu;
export const impi = (text: string): Impi => text as Impi;
