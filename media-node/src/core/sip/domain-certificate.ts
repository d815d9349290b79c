/** Names of an X.509 certificate, as its reader prints them: `DNS:a, URI:sip:b`. */
export interface CertificateNames {
  readonly subjectAltName: string;
  readonly commonName: string;
}

/** A name with characters that could end it is printed as a JSON string. */
const NAME = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g;
const SIP_DOMAIN = /^sip:([^@;?:/]+)$/i;

/**
 * RFC 5922 §7.1 and §7.2: SIP URIs without a user say whose the certificate is, host names only where there is
 * none, the common name only where there is neither; and no wildcard counts.
 */
export function isOfDomain(
  { commonName, subjectAltName }: CertificateNames,
  domain: string,
): boolean {
  const names = [...subjectAltName.matchAll(NAME)].map(([, kind = '', value = '']) => ({
    kind: kind.trim().toUpperCase(),
    value: value.trim(),
  }));
  const valuesOf = (wanted: string): readonly string[] =>
    names.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  const uris = valuesOf('URI').flatMap((it) => SIP_DOMAIN.exec(it)?.[1] ?? []);
  const hosts = valuesOf('DNS');
  const ofCommon = names.length === 0 ? [commonName] : [];
  const identities = [uris, hosts, ofCommon].find((it) => it.length > 0) ?? [];
  return identities.some((it) => it.toLowerCase() === domain.toLowerCase());
}
