import { peer } from "@hyperledger/fabric-protos";
import type { InstalledContract } from "../ports.ts";
import type { SystemContractDependencies } from "./create.ts";
import { LifecycleFailure, type LifecycleFunction, readArgument } from "./lifecycle-function.ts";
import { type PackageReference, packageReferences } from "./package-references.ts";

const {
  GetInstalledChaincodePackageArgs,
  GetInstalledChaincodePackageResult,
  InstallChaincodeArgs,
  InstallChaincodeResult,
  QueryInstalledChaincodeArgs,
  QueryInstalledChaincodeResult,
  QueryInstalledChaincodesResult,
} = peer.lifecycle;

/** What concerns the packages of one peer. */
export function packageFunctions({
  contracts,
  ledger,
}: SystemContractDependencies): Readonly<Record<string, LifecycleFunction>> {
  const find = async (nodeId: string, packageId: string): Promise<InstalledContract> => {
    const found = (await contracts.installed(nodeId)).find((one) => one.packageId === packageId);
    if (found !== undefined) return found;
    const text = `chaincode install package '${packageId}' not found`;
    throw new LifecycleFailure(text, { isNotFound: true });
  };
  return {
    async InstallChaincode({ node }, argument) {
      const bytes = readArgument(InstallChaincodeArgs, argument).getChaincodeInstallPackage_asU8();
      const known = await contracts.installed(node.nodeId);
      const { packageId, label } = await contracts.install(node.nodeId, bytes);
      if (known.some((one) => one.packageId === packageId)) {
        throw new LifecycleFailure(`chaincode already successfully installed (package ID '${packageId}')`);
      }
      const result = new InstallChaincodeResult();
      result.setPackageId(packageId);
      result.setLabel(label);
      return result.serializeBinary();
    },
    async QueryInstalledChaincode(execution, argument) {
      const wanted = readArgument(QueryInstalledChaincodeArgs, argument).getPackageId();
      const { packageId, label } = await find(execution.node.nodeId, wanted);
      const result = new QueryInstalledChaincodeResult();
      result.setPackageId(packageId);
      result.setLabel(label);
      const { Chaincode, References } = QueryInstalledChaincodeResult;
      const references = await packageReferences(execution, ledger);
      setReferences(result.getReferencesMap(), packageId, references, { Chaincode, References });
      return result.serializeBinary();
    },
    async QueryInstalledChaincodes(execution) {
      const result = new QueryInstalledChaincodesResult();
      const { Chaincode, References } = QueryInstalledChaincodesResult;
      const references = await packageReferences(execution, ledger);
      for (const { packageId, label } of await contracts.installed(execution.node.nodeId)) {
        const entry = new QueryInstalledChaincodesResult.InstalledChaincode();
        entry.setPackageId(packageId);
        entry.setLabel(label);
        setReferences(entry.getReferencesMap(), packageId, references, { Chaincode, References });
        result.addInstalledChaincodes(entry);
      }
      return result.serializeBinary();
    },
    async GetInstalledChaincodePackage({ node }, argument) {
      const packageId = readArgument(GetInstalledChaincodePackageArgs, argument).getPackageId();
      await find(node.nodeId, packageId);
      const result = new GetInstalledChaincodePackageResult();
      result.setChaincodeInstallPackage(await contracts.packageBytes(node.nodeId, packageId));
      return result.serializeBinary();
    },
  };
}

interface ChaincodeMessage {
  setName(name: string): void;
  setVersion(version: string): void;
}

/** Says by channel which contracts run from the package. Both results have the same messages, each in its own scope. */
function setReferences<Chaincode extends ChaincodeMessage, References extends { addChaincodes(one: Chaincode): void }>(
  map: { get(channelId: string): References | undefined; set(channelId: string, value: References): unknown },
  packageId: string,
  references: readonly PackageReference[],
  messages: { readonly Chaincode: new () => Chaincode; readonly References: new () => References },
): void {
  for (const { channelId, name, version } of references.filter((one) => one.packageId === packageId)) {
    const entry = map.get(channelId) ?? new messages.References();
    const chaincode = new messages.Chaincode();
    chaincode.setName(name);
    chaincode.setVersion(version);
    entry.addChaincodes(chaincode);
    map.set(channelId, entry);
  }
}
