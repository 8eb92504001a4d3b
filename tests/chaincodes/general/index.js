const { GeneralContract } = require("./lib/general-contract.js");
const { FaultyContract } = require("./lib/faulty-contract.js");

module.exports.contracts = [GeneralContract, FaultyContract];
