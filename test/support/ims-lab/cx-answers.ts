import { createHash } from 'node:crypto';
import type { AuthenticationCentre } from './authentication-centre.ts';
import { type Avp, avp, groupOf, numberOf, textOf } from './diameter-codec.ts';
import {
  canonicalImpu,
  type SubscriberBook,
  type SubscriberRecord,
  userData,
} from './subscriber-book.ts';

export const VENDOR_3GPP = 10415;
export const CX_APPLICATION = 16777216;

/** Command codes of the Cx application (TS 29.229 §6.1). */
export const CX_COMMAND = { uar: 300, sar: 301, lir: 302, mar: 303, rtr: 304 } as const;
export type CxCommand = keyof typeof CX_COMMAND;
export const CX_COMMANDS = Object.keys(CX_COMMAND) as readonly CxCommand[];

/** AVP codes of RFC 6733, RFC 4590 (the digest ones) and TS 29.229 §6.3. */
export const AVP = {
  userName: 1,
  digestRealm: 104,
  digestQop: 110,
  digestAlgorithm: 111,
  digestHa1: 121,
  hostIpAddress: 257,
  authApplicationId: 258,
  vendorSpecificApplicationId: 260,
  sessionId: 263,
  originHost: 264,
  supportedVendorId: 265,
  vendorId: 266,
  resultCode: 268,
  productName: 269,
  authSessionState: 277,
  destinationRealm: 283,
  destinationHost: 293,
  originRealm: 296,
  experimentalResult: 297,
  experimentalResultCode: 298,
  publicIdentity: 601,
  serverName: 602,
  serverCapabilities: 603,
  mandatoryCapability: 604,
  userData: 606,
  numberAuthItems: 607,
  authenticationScheme: 608,
  authenticate: 609,
  authorization: 610,
  authDataItem: 612,
  itemNumber: 613,
  serverAssignmentType: 614,
  deregistrationReason: 615,
  reasonCode: 616,
  reasonInfo: 617,
  userAuthorizationType: 623,
  confidentialityKey: 625,
  integrityKey: 626,
  digestAuthenticate: 635,
} as const;

export const SUCCESS = 2001;
const FIRST_REGISTRATION = 2001;
const SUBSEQUENT_REGISTRATION = 2002;
const ERROR_USER_UNKNOWN = 5001;
const ERROR_IDENTITIES_DONT_MATCH = 5002;
const ERROR_IDENTITY_NOT_REGISTERED = 5003;
const UNABLE_TO_COMPLY = 5012;

const UAR_DEREGISTRATION = 1;
/** Server-Assignment-Type (TS 29.229 §6.3.15): those that register and those that end it. */
const SAR_REGISTERS: readonly number[] = [1, 2];
const SAR_WANTS_PROFILE: readonly number[] = [0, 1, 2, 3];
const SAR_ENDS: readonly number[] = [4, 5, 6, 8, 9, 11];

export interface CxContext {
  readonly book: SubscriberBook;
  readonly realm: string;
  readonly scscfName: string;
  /** Origin-Host of the peer that asks. */
  readonly peer: string;
}

const result = (code: number): Avp => avp(AVP.resultCode, code);
const experimental = (code: number): Avp =>
  avp(AVP.experimentalResult, [
    avp(AVP.vendorId, VENDOR_3GPP),
    avp(AVP.experimentalResultCode, code),
  ]);
const serverName = (name: string): Avp => avp(AVP.serverName, name, VENDOR_3GPP);

const anyServer = (context: CxContext): Avp =>
  avp(
    AVP.serverCapabilities,
    [avp(AVP.mandatoryCapability, 1, VENDOR_3GPP), serverName(context.scscfName)],
    VENDOR_3GPP,
  );

/** May this user register here, and with which S-CSCF (TS 29.228 §6.1.1)? */
function authorizeUser(request: readonly Avp[], context: CxContext): readonly Avp[] {
  const subscriber = context.book.byImpi(textOf(request, AVP.userName));
  if (!subscriber) return [experimental(ERROR_USER_UNKNOWN)];
  const impu = canonicalImpu(textOf(request, AVP.publicIdentity));
  if (context.book.byImpu(impu)?.impi !== subscriber.impi) {
    return [experimental(ERROR_IDENTITIES_DONT_MATCH)];
  }
  if (subscriber.scscfName !== undefined) {
    return [experimental(SUBSEQUENT_REGISTRATION), serverName(subscriber.scscfName)];
  }
  return numberOf(request, AVP.userAuthorizationType) === UAR_DEREGISTRATION
    ? [experimental(ERROR_IDENTITY_NOT_REGISTERED)]
    : [experimental(FIRST_REGISTRATION), anyServer(context)];
}

/** What the subscriber's authentication is to be checked by (TS 29.228 §6.3.1). */
function authenticationData(request: readonly Avp[], context: CxContext): readonly Avp[] {
  const subscriber = context.book.byImpi(textOf(request, AVP.userName));
  if (!subscriber) return [experimental(ERROR_USER_UNKNOWN)];
  const asked = groupOf(request, AVP.authDataItem);
  const material = subscriber.centre
    ? akaMaterial(subscriber.centre, asked)
    : digestMaterial(subscriber, context);
  const item = [avp(AVP.itemNumber, 1, VENDOR_3GPP), ...material];
  return [
    avp(AVP.userName, subscriber.impi),
    avp(AVP.publicIdentity, textOf(request, AVP.publicIdentity), VENDOR_3GPP),
    avp(AVP.numberAuthItems, 1, VENDOR_3GPP),
    avp(AVP.authDataItem, item, VENDOR_3GPP),
    result(SUCCESS),
  ];
}

/** SIP Digest: the hash, never the password (TS 29.229 §6.3.36). */
function digestMaterial(subscriber: SubscriberRecord, context: CxContext): readonly Avp[] {
  const ha1 = createHash('md5')
    .update(`${subscriber.impi}:${context.realm}:${subscriber.password}`)
    .digest('hex');
  const digest = [
    avp(AVP.digestRealm, context.realm),
    avp(AVP.digestAlgorithm, 'MD5'),
    avp(AVP.digestQop, 'auth'),
    avp(AVP.digestHa1, ha1),
  ];
  return [
    avp(AVP.authenticationScheme, 'SIP Digest', VENDOR_3GPP),
    avp(AVP.digestAuthenticate, digest, VENDOR_3GPP),
  ];
}

/** Sixteen bytes of RAND and fourteen of AUTS. */
const RESYNC_BYTES = 30;

/** IMS-AKA; a S-CSCF that was told AUTS passes it on, and gets a vector that counts on from there. */
function akaMaterial(centre: AuthenticationCentre, asked: readonly Avp[]): readonly Avp[] {
  const resync = asked.find(({ code }) => code === AVP.authorization)?.value;
  if (resync?.length === RESYNC_BYTES) centre.resynchronise(resync);
  const { autn, ck, ik, rand, xres } = centre.vector();
  return [
    avp(AVP.authenticationScheme, 'Digest-AKAv1-MD5', VENDOR_3GPP),
    avp(AVP.authenticate, Buffer.concat([rand, autn]), VENDOR_3GPP),
    avp(AVP.authorization, xres, VENDOR_3GPP),
    avp(AVP.confidentialityKey, ck, VENDOR_3GPP),
    avp(AVP.integrityKey, ik, VENDOR_3GPP),
  ];
}

function assign(subscriber: SubscriberRecord, request: readonly Avp[], context: CxContext): void {
  const type = numberOf(request, AVP.serverAssignmentType) ?? -1;
  if (SAR_ENDS.includes(type)) {
    subscriber.isRegistered = false;
    subscriber.scscfName = undefined;
  }
  if (SAR_REGISTERS.includes(type)) {
    subscriber.isRegistered = true;
    subscriber.scscfName = textOf(request, AVP.serverName);
    subscriber.scscfPeer = context.peer;
  }
}

/** Notes who serves the subscriber, and hands out the profile (TS 29.228 §6.1.2). */
function assignServer(request: readonly Avp[], context: CxContext): readonly Avp[] {
  const subscriber =
    context.book.byImpi(textOf(request, AVP.userName)) ??
    context.book.byImpu(textOf(request, AVP.publicIdentity));
  if (!subscriber) return [experimental(ERROR_USER_UNKNOWN)];
  assign(subscriber, request, context);
  const type = numberOf(request, AVP.serverAssignmentType) ?? -1;
  const profile = SAR_WANTS_PROFILE.includes(type)
    ? [avp(AVP.userData, userData(subscriber, context.realm), VENDOR_3GPP)]
    : [];
  return [avp(AVP.userName, subscriber.impi), result(SUCCESS), ...profile];
}

/** Where is the called user? Nobody here has services for unregistered users (TS 29.228 §6.1.4). */
function locate(request: readonly Avp[], context: CxContext): readonly Avp[] {
  const subscriber = context.book.byImpu(textOf(request, AVP.publicIdentity));
  if (!subscriber) return [experimental(ERROR_USER_UNKNOWN)];
  return subscriber.scscfName === undefined
    ? [experimental(ERROR_IDENTITY_NOT_REGISTERED)]
    : [result(SUCCESS), serverName(subscriber.scscfName)];
}

/** The AVPs that answer one Cx request; the session and origin AVPs are the server's to add. */
export function answerCx(
  command: number,
  request: readonly Avp[],
  context: CxContext,
): readonly Avp[] {
  switch (command) {
    case CX_COMMAND.uar:
      return authorizeUser(request, context);
    case CX_COMMAND.mar:
      return authenticationData(request, context);
    case CX_COMMAND.sar:
      return assignServer(request, context);
    case CX_COMMAND.lir:
      return locate(request, context);
    default:
      return [result(UNABLE_TO_COMPLY)];
  }
}

/** What a request asked, for the lab's log. */
export const describeCx = (request: readonly Avp[]): string =>
  [
    textOf(request, AVP.userName),
    textOf(request, AVP.publicIdentity),
    textOf(groupOf(request, AVP.authDataItem), AVP.authenticationScheme),
    numberOf(request, AVP.serverAssignmentType) ?? numberOf(request, AVP.userAuthorizationType),
  ].join(' ');
