import type { Cluster } from '../../../local/src/cluster.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';

/** The IMS that a fleet is before, as its registrar sees it. */
export interface Ims {
  readonly subject: string;
  readonly pcscf: { readonly host: string; readonly port: number };
  /** By which ways an identity is reached; those of the dead may be among them. */
  flowsOf(impu: string): Promise<readonly string[]>;
}

export type ImsKind = 'simulator' | 'kamailio';

export const simulatedIms = ({ simulator }: Cluster): Ims => ({
  subject: 'local simulator',
  pcscf: { host: '127.0.0.1', port: simulator?.sipPort ?? 0 },
  flowsOf: (impu) =>
    Promise.resolve(
      simulator?.registrations().flatMap((it) => (it.defaultImpu === impu ? [it.flow] : [])) ?? [],
    ),
});

export const kamailioIms = (lab: ImsLab): Ims => ({
  subject: 'Kamailio',
  pcscf: lab.pcscf,
  flowsOf: (impu) => lab.scscfContacts(impu),
});

export const startLabFor = (
  kind: ImsKind,
  subscribers: Parameters<typeof startImsLab>[0],
): Promise<ImsLab | undefined> =>
  kind === 'kamailio' ? startImsLab(subscribers) : Promise.resolve(undefined);
