import type { ImsAccess } from '@isthmus/shared/store/ims-access';

/** What a tenant wants of its sessions with IMS, every default filled in. */
export interface SessionPolicy {
  /** Session-Expires we ask for; 0: we ask for none (RFC 4028 §4). */
  readonly expiresS: number;
  readonly minExpiresS: number;
  readonly preconditions: 'off' | 'supported' | 'required';
  readonly earlyMedia: 'unless-refused' | 'authorized-only';
  readonly dtmf: 'rtp' | 'info-dtmf-relay' | 'info-dtmf';
  /** How many contacts of 3xx answers one call may follow. */
  readonly redirects: number;
  /** Whoever we ask to call somebody else is to tell how it goes (RFC 4488). */
  readonly referNews: boolean;
  /** RFC 3261 §17.1.1.1, as the trunk has it. */
  readonly t1Ms: number;
}

const DEFAULTS: SessionPolicy = {
  expiresS: 1800,
  minExpiresS: 90,
  preconditions: 'supported',
  earlyMedia: 'unless-refused',
  dtmf: 'rtp',
  redirects: 0,
  referNews: true,
  t1Ms: 500,
};

export const sessionPolicyOf = ({
  session = {},
  timers,
}: Pick<ImsAccess, 'session' | 'timers'>): SessionPolicy => ({
  expiresS: session.expiresS ?? DEFAULTS.expiresS,
  minExpiresS: session.minExpiresS ?? DEFAULTS.minExpiresS,
  preconditions: session.preconditions ?? DEFAULTS.preconditions,
  earlyMedia: session.earlyMedia ?? DEFAULTS.earlyMedia,
  dtmf: session.dtmf ?? DEFAULTS.dtmf,
  redirects: session.redirects ?? DEFAULTS.redirects,
  referNews: session.referNews ?? DEFAULTS.referNews,
  t1Ms: timers?.t1Ms ?? DEFAULTS.t1Ms,
});

/** Supported of an INVITE of ours, and what we say in our answers to theirs. */
export const optionTagsOf = ({ preconditions }: SessionPolicy): readonly string[] => [
  '100rel',
  ...(preconditions === 'off' ? [] : ['precondition']),
  'replaces',
  'timer',
];
