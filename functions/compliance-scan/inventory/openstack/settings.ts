import { z } from 'zod';
import { secret } from '#shared/config/secret.ts';

/** Settings of the source `openstack`. */
export const openstackSettings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.-]{1,60}$/, 'letters, digits, dots, dashes')
      .describe('the cloud, which names its resources'),
    authUrl: z.url().describe('address of Keystone, ending with /v3'),
    region: z.string().min(1).optional().describe('region of the catalogue; the first one unless said'),
    interface: z.enum(['public', 'internal', 'admin']).default('public').describe('which address of Neutron is asked'),
    applicationCredential: z
      .strictObject({
        id: z.string().min(1).describe('its id'),
        secret: secret().describe('its secret: a text, or {file: path}'),
      })
      .optional()
      .describe('an application credential'),
    user: z
      .strictObject({
        name: z.string().min(1).describe('its name'),
        domain: z.string().min(1).default('Default').describe('name of its domain'),
        password: secret().describe('its password: a text, or {file: path}'),
        project: z.string().min(1).describe('name of the project'),
        projectDomain: z.string().min(1).default('Default').describe('name of the domain of the project'),
      })
      .optional()
      .describe('a user with a password'),
    attempts: z.int().min(1).max(20).default(5).describe('how often one call is tried'),
    deadlineSeconds: z.number().positive().max(300).default(30).describe('longest time of one call'),
  })
  .refine(({ applicationCredential, user }) => (applicationCredential === undefined) !== (user === undefined), {
    error: 'either applicationCredential or user',
  });

/** The settings, read. */
export type OpenstackSettings = z.output<typeof openstackSettings>;
