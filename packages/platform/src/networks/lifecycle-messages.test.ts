import { peer } from "@hyperledger/fabric-protos";
import fc from "fast-check";
import { expect, it } from "vitest";
import { lifecycleRequestOf } from "../testing/fake-lifecycle.ts";
import { approvalArguments, commitArguments } from "./lifecycle-messages.ts";

const { lifecycle } = peer;
const seed = Number(process.env["SEED"] ?? Math.trunc(Math.random() * 2 ** 31));

const definitions = fc.record({
  name: fc.string(),
  version: fc.string(),
  sequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  endorsementPlugin: fc.constantFrom("escc", ""),
  validationPlugin: fc.constantFrom("vscc", ""),
  validationParameter: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  initRequired: fc.boolean(),
});

it("are the very bytes that the official messages write", () => {
  console.log(`lifecycle messages: SEED=${seed}`);
  fc.assert(
    fc.property(definitions, fc.string(), (definition, packageId) => {
      const official = new lifecycle.ApproveChaincodeDefinitionForMyOrgArgs();
      const commit = new lifecycle.CommitChaincodeDefinitionArgs();
      for (const each of [official, commit]) {
        each.setSequence(definition.sequence);
        each.setName(definition.name);
        each.setVersion(definition.version);
        each.setEndorsementPlugin(definition.endorsementPlugin);
        each.setValidationPlugin(definition.validationPlugin);
        each.setValidationParameter(definition.validationParameter);
        each.setInitRequired(definition.initRequired);
      }
      const source = new lifecycle.ChaincodeSource();
      if (packageId === "") source.setUnavailable(new lifecycle.ChaincodeSource.Unavailable());
      else {
        const local = new lifecycle.ChaincodeSource.Local();
        local.setPackageId(packageId);
        source.setLocalPackage(local);
      }
      official.setSource(source);
      expect(approvalArguments(definition, packageId)).toEqual(official.serializeBinary());
      expect(commitArguments(definition)).toEqual(commit.serializeBinary());
      expect(lifecycleRequestOf(official.serializeBinary())).toEqual({ ...definition, packageId });
    }),
    { seed },
  );
});
