import type { ImsAccess } from '@isthmus/shared/store/ims-access';
import type { TenantItem } from '@isthmus/shared/store/items';

export const IMS_EXAMPLE: ImsAccess = {
  homeDomain: 'ims.example',
  transport: 'tcp',
  pcscf: [{ host: '127.0.0.1', port: 5060 }],
  initialAuthorization: true,
};

/** A tenant of `IMS_EXAMPLE` whose users log in by token. */
export const aTenant = (tenantId: string, more: Partial<TenantItem> = {}): TenantItem => ({
  tenantId,
  allowedOrigins: ['*'],
  options: ['token'],
  showImpu: true,
  graceS: 30,
  codecs: ['PCMA'],
  ims: IMS_EXAMPLE,
  ...more,
});
