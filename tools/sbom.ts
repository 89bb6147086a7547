import { ComponentType, HashAlgorithm, LicenseAcknowledgement } from '@cyclonedx/cyclonedx-library/Enums';
import { Bom, Component, LicenseExpression, NamedLicense, SpdxLicense } from '@cyclonedx/cyclonedx-library/Models';
import { JSON as Json, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import { isSupportedSpdxId } from '@cyclonedx/cyclonedx-library/SPDX';
import type { Components } from './components.ts';

/** The program that a bill of materials is about. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** The bill of materials of a bundle as CycloneDX 1.6 JSON: the same for the same bundle, so without time or serial number. */
export function renderSbom(subject: Subject, { packages, direct }: Components): string {
  const program = new Component(ComponentType.Application, subject.name, {
    version: subject.version,
    bomRef: `${subject.name}@${subject.version}`,
  });
  program.licenses.add(licence(subject.license));
  const parts = new Map(
    packages.map(({ folder, name, version, licence: expression, sha512 }) => {
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      const [group, own] = name.startsWith('@') ? name.split('/') : [undefined, name];
      const component = new Component(ComponentType.Library, own ?? name, { version, purl, bomRef: folder });
      if (group !== undefined) component.group = group;
      component.licenses.add(licence(expression));
      component.hashes.set(HashAlgorithm['SHA-512'], sha512);
      return [folder, component];
    }),
  );
  const link = (from: Component, folders: readonly string[]): void => {
    for (const folder of folders) {
      const part = parts.get(folder);
      if (part) from.dependencies.add(part.bomRef);
    }
  };
  link(program, direct);
  for (const { folder, needs } of packages) {
    const part = parts.get(folder);
    if (part) link(part, needs);
  }
  const bom = new Bom();
  bom.metadata.component = program;
  for (const part of parts.values()) bom.components.add(part);
  const serializer = new JsonSerializer(new Json.Normalize.Factory(Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function licence(expression: string): LicenseExpression | NamedLicense | SpdxLicense {
  const made = isSupportedSpdxId(expression) ? new SpdxLicense(expression) : new LicenseExpression(expression);
  made.acknowledgement = LicenseAcknowledgement.Declared;
  return made;
}
