export {
  concurrencyOf,
  participantConfig,
  postgresUrls,
  readConfig,
  type ServiceConfig,
  serviceConfig,
} from './config.ts';
export { mapError } from './errors.ts';
export { runService, type ServiceContext, type ServiceOptions, type Started } from './service.ts';
