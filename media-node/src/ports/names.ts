import type { AddressRecord, NaptrRecord, SrvRecord } from '../core/pcscf/records.ts';

/** Records of a name, none where it has none; `failed` where nobody could say. */
export type Lookup<R> = readonly R[] | 'failed';

/** The DNS, as far as RFC 3263 needs it. */
export interface Names {
  naptr(domain: string): Promise<Lookup<NaptrRecord>>;
  srv(name: string): Promise<Lookup<SrvRecord>>;
  /** Of both families, in the order they were told. */
  addresses(host: string): Promise<Lookup<AddressRecord>>;
}
