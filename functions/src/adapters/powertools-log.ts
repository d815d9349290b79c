import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../ports/log.ts';

export interface PowertoolsLogOptions {
  readonly service: string;
  readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

export function createPowertoolsLog({ level, service }: PowertoolsLogOptions): Log {
  const logger = new Logger({ serviceName: service, logLevel: level });
  return {
    info: (message, facts = {}) => {
      logger.info(message, facts);
    },
    warn: (message, facts = {}) => {
      logger.warn(message, facts);
    },
    error: (message, facts = {}) => {
      logger.error(message, facts);
    },
  };
}
