import type { Call, ConnectionState, Party, Registration } from '../src/ims-phone.ts';

export function registrationWords(registration: Registration, connection: ConnectionState): string {
  if (connection === 'connecting') return 'Registering …';
  if (connection === 'reconnecting') return 'Reconnecting …';
  switch (registration.state) {
    case 'registering':
      return 'Registering …';
    case 'registered':
      return registration.impu === undefined ? 'Registered' : `Registered as ${registration.impu}`;
    case 'unregistered':
    case 'failed':
      return 'Not registered';
  }
}

export const partyWords = ({ uri, displayName }: Party): string =>
  displayName === undefined || displayName === '' ? uri : `${displayName} (${uri})`;

export function callWords(call: Call): string {
  switch (call.phase) {
    case 'calling':
      return `Calling ${partyWords(call.remote)}`;
    case 'ringing':
      return `Ringing ${partyWords(call.remote)}`;
    case 'incoming':
      return `Incoming call from ${incomingWords(call)}`;
    case 'connecting':
      return `Connecting ${partyWords(call.remote)}`;
    case 'active':
      return talkWords(call);
    case 'ended':
      return `Call ended: ${call.end?.text ?? ''}`;
  }
}

/** Who calls, and by whom he was sent. */
function incomingWords({ referredBy, remote }: Call): string {
  const party = partyWords(remote);
  return referredBy === undefined ? party : `${party}, transferred by ${referredBy}`;
}

function talkWords({ held, reconnecting, remote }: Call): string {
  const party = partyWords(remote);
  if (reconnecting) return `Reconnecting the call with ${party}`;
  if (held.byUs) return held.byThem ? `On hold by both sides: ${party}` : `On hold: ${party}`;
  return held.byThem ? `${party} has put you on hold` : `In call with ${party}`;
}

/** Of a call behind the one in front. */
export function otherWords(call: Call): string {
  if (call.phase === 'incoming') return `call waiting from ${incomingWords(call)}`;
  // Beside the one in front only a conference has a call that nobody holds.
  return `${call.held.byUs ? 'on hold' : 'and with'}: ${partyWords(call.remote)}`;
}

export function durationWords(sinceMs: number): string {
  const allS = Math.floor(sinceMs / 1000);
  const padded = (value: number): string => String(value).padStart(2, '0');
  return `${padded(Math.floor(allS / 60))}:${padded(allS % 60)}`;
}

const ENDINGS: Readonly<Record<string, string>> = {
  'grace-expired': 'You were away too long. Log in again.',
  'node-stopped': 'The service was restarted. Log in again.',
  'de-registered-by-network': 'The telephone network ended your registration. Log in again.',
  'identity-taken': 'Your identity was given back. Log in again to get another.',
};

/** Undefined where the user knows why. */
export const endingWords = (reason: string): string | undefined => ENDINGS[reason];
