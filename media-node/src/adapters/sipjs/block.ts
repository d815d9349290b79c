import type { Impu } from '@isthmus/shared/domain/ids';
import type { URI } from 'sip.js/lib/core/index.js';
import { bulkGruu, bulkIdentity, bulkMarkOf } from '../../core/registration/bulk.ts';
import type { HeaderValues } from '../../core/sip/headers.ts';
import { calledImpuOf } from '../../core/sip/identity.ts';
import type { SipUri } from '../../core/sip/uri.ts';
import type { Registrant } from './registrant.ts';

export interface BlockPlace {
  readonly registrant: Registrant;
  readonly homeDomain: string;
  /** What comes back in requests to the GRUU of a number. */
  readonly mark: string;
  readonly contactUri: () => string;
}

/** The numbers of an account that is registered in bulk (RFC 6140); nobody's while it is not. */
export class Block {
  readonly #place: BlockPlace;
  #called: URI | undefined;

  constructor(place: BlockPlace) {
    this.#place = place;
  }

  /** The Request-URI at hand; it stands for us where we are registered in bulk. */
  get called(): URI | undefined {
    return this.#place.registrant.isBulk ? this.#called : undefined;
  }

  set called(uri: URI | undefined) {
    this.#called = uri;
  }

  /** The registrar puts the number into our Contact, or says it in P-Called-Party-ID. */
  isCalled(uri: SipUri, headers: HeaderValues): boolean {
    const { mark, registrant } = this.#place;
    if (!registrant.isBulk) return false;
    if (bulkMarkOf(uri) === mark) return true;
    return registrant.serves(this.identityOf(calledImpuOf(headers, uri.text)));
  }

  identityOf(called: string): Impu {
    const { contactUri, homeDomain } = this.#place;
    return bulkIdentity(called, { contactUri: contactUri(), homeDomain });
  }

  /** Of a block each number has a GRUU of its own, and the block as such none. */
  contactOf(identity: string | undefined, gruu: string | undefined): string {
    const { contactUri, mark, registrant } = this.#place;
    if (gruu === undefined) return contactUri();
    if (!registrant.isBulk) return gruu;
    return (identity === undefined ? undefined : bulkGruu(gruu, identity, mark)) ?? contactUri();
  }
}
