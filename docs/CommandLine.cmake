# cmake -DPROGRAM=.. -DOUTPUT=.. -P CommandLine.cmake
# Writes what every command says of itself.
set(text "# Command line\n\nGenerated; never edited by hand.\n")
foreach(command IN ITEMS "" device tune bench compile run scheme
    "scheme;list" "scheme;show" "scheme;verify" "scheme;import"
    "scheme;optimize" "tune;record" "tune;compare" search "search;campaign"
    "search;compare" "search;lift" "search;measure" "search;tensor" tile
    "tile;fit" "tile;train" "tile;evaluate" db "db;list"
    "db;best" "db;explain" "db;export" "db;import" "db;merge" "db;prune"
    "db;check")
  execute_process(COMMAND ${PROGRAM} ${command} --help
    OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
  list(JOIN command " " name)
  string(STRIP "sevenfold ${name}" name)
  string(APPEND text "\n## ${name}\n\n```\n${help}```\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
