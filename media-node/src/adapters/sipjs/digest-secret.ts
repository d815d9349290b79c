import { type Subscriber, takeAkaChallenge } from '../../core/aka/aka-challenge.ts';
import { recordOf, sequenceOf, startSequence } from '../../core/aka/sequence.ts';
import { parseSubscriberKeys } from '../../core/aka/subscriber-keys.ts';
import {
  AKA_ALGORITHMS,
  type Challenge,
  type DigestAlgorithm,
  PASSWORD_ALGORITHMS,
} from '../../core/sip/challenge.ts';
import type { Proof } from '../../core/sip/digest.ts';
import type { CardMemory, ImsSecret } from '../../ports/sip-accounts.ts';
import { encryptBlock } from './digest-crypto.ts';

/** What an account proves itself with, to its registrar and its proxies alike. */
export interface DigestSecret {
  readonly algorithms: readonly DigestAlgorithm[];
  prove(challenge: Pick<Challenge, 'nonce'>): Proof;
}

export function digestSecretOf(secret: ImsSecret, refuseMd5: boolean): DigestSecret {
  if (secret.kind === 'aka') return akaSecret(secret.keys.reveal(), secret.card);
  const algorithms = PASSWORD_ALGORITHMS.filter((it) => !refuseMd5 || !it.startsWith('MD5'));
  return {
    algorithms,
    prove: () => ({ kind: 'password', password: secret.password.reveal() }),
  };
}

/** A card in software. */
function akaSecret(text: string, card: CardMemory | undefined): DigestSecret {
  const keys = parseSubscriberKeys(text);
  // Whoever holds nothing to prove with answers nobody.
  if (!keys) return { algorithms: [], prove: () => ({ kind: 'none' }) };
  let subscriber: Subscriber = { keys, sequence: card ? sequenceOf(card.accepted) : startSequence };
  return {
    algorithms: AKA_ALGORITHMS,
    prove({ nonce }) {
      const outcome = takeAkaChallenge(nonce, subscriber, encryptBlock);
      if (outcome.kind === 'forged') return { kind: 'none' };
      if (outcome.kind === 'resync') return outcome;
      subscriber = { keys, sequence: outcome.sequence };
      card?.keep(recordOf(outcome.sequence));
      return { kind: 'password', password: outcome.res };
    },
  };
}
